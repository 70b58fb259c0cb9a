import { RegistryError } from '../registry-error.js';
import { type Cidr, containsAddress, parseCidr } from './cidr.js';
import { isNeverRange } from './classify-address.js';
import { readHost } from './egress-host.js';
import type { IpAddress } from './ip-address.js';
import type { AddressClass } from './special-addresses.js';

/** What an operator allows beyond what `reach` says. */
export class AllowList {
  readonly #ranges: Array<Cidr & { isNever: boolean }> = [];
  readonly #names = new Set<string>();
  /** Of `*.example.com`: `.example.com`. */
  readonly #suffixes: string[] = [];

  /** @throws RegistryError `EGRESS_POLICY_INVALID` for an entry that is neither a host nor a CIDR. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry);
  }

  /** Whether no address is allowed by itself, so that of a name nothing but the name counts. */
  get hasOnlyNames(): boolean {
    return this.#ranges.length === 0;
  }

  allowsName(name: string): boolean {
    return (
      this.#names.has(name) || this.#suffixes.some((suffix) => name.endsWith(suffix) && name.length > suffix.length)
    );
  }

  /** `never` is allowed by a range that has nothing else: `0.0.0.0/0` is not meant for it. */
  allowsAddress(address: IpAddress, addressClass: AddressClass): boolean {
    return this.#ranges.some((range) => containsAddress(range, address) && (range.isNever || addressClass !== 'never'));
  }

  #add(entry: string): void {
    if (typeof entry !== 'string') throw invalid(entry, 'is not a text');
    const range = parseCidr(entry);
    if (typeof range !== 'string') this.#ranges.push({ ...range, isNever: isNeverRange(range) });
    else if (/[/:]/.test(entry)) throw invalid(entry, range);
    else this.#addName(entry);
  }

  #addName(entry: string): void {
    const isWildcard = entry.startsWith('*.');
    const host = readHost(isWildcard ? entry.slice(2) : entry);
    if (host === undefined) throw invalid(entry, 'is not a host');
    // 0x7f.1 is readable for a resolver, and a list is read by people.
    if ('address' in host) throw invalid(entry, `stands for ${host.address.text}. Write that`);
    if (host.name.includes('*')) throw invalid(entry, 'has a "*" elsewhere than as its first label');
    if (isWildcard) this.#suffixes.push(`.${host.name}`);
    else this.#names.add(host.name);
  }
}

function invalid(entry: unknown, problem: string): RegistryError {
  // Somebody's URL may be here by mistake, with a token in it.
  const shown = typeof entry !== 'string' || /@|:\/\//.test(entry) ? 'An entry' : `"${entry}"`;
  const legal = 'hooks.internal, *.internal.example (all names below), 10.0.0.7, 10.0.0.0/8';
  return new RegistryError(
    'EGRESS_POLICY_INVALID',
    `${shown} of the list of what triggers may reach ${problem}. Entries are such as ${legal}.`,
  );
}
