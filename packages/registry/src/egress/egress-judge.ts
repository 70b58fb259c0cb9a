import type { AllowList } from './allow-list.js';
import { type AddressKind, classifyAddress } from './classify-address.js';
import { readHost } from './egress-host.js';
import { addressBits, type IpAddress, parseAddress } from './ip-address.js';

/**
 * Which addresses need not be listed.
 *
 * - `private`: the internet and the operator's own network, but neither link-local addresses nor the metadata services of clouds.
 * - `public`: the internet alone.
 * - `listed`: none.
 */
export type EgressReach = 'private' | 'public' | 'listed';

/** What an operator allows. */
export type EgressRules = {
  reach: EgressReach;
  allow: AllowList;
  /** Whether somebody else resolves the names: a proxy. */
  isResolvedElsewhere: boolean;
};

/** Says why a host, or an address of one, may not be reached. Each answer is one or two sentences; undefined: it may. */
export class EgressJudge {
  readonly #rules: EgressRules;

  constructor(rules: EgressRules) {
    this.#rules = rules;
  }

  refusalOfHost(text: string): string | undefined {
    const host = readHost(text);
    // What it is instead may have a password in it.
    if (host === undefined) return 'What is given as the host is neither a name nor an IP address.';
    return 'name' in host ? this.#refusalOfName(host.name) : this.#refusalOfLiteral(text, host.address);
  }

  /** @param answer One address to which `name` was resolved. */
  refusalOfAnswer(name: string, answer: string): string | undefined {
    const address = parseAddress(answer);
    if (address === undefined) return `${name} is resolved to something that is no IP address.`;
    const host = readHost(name);
    const isListed = host !== undefined && 'name' in host && this.#rules.allow.allowsName(host.name);
    const kind = classifyAddress(address);
    if (this.#allows(address, kind, isListed)) return undefined;
    const entry = kind.class === 'never' ? entryOf(address) : name;
    return refused(`${name} is resolved to ${address.text}, ${this.#described(kind)}`, entry);
  }

  #refusalOfLiteral(text: string, address: IpAddress): string | undefined {
    const kind = classifyAddress(address);
    if (this.#allows(address, kind, false)) return undefined;
    const host = text.includes(address.text) ? address.text : `${text}, which means ${address.text},`;
    return refused(`${host} is ${this.#described(kind)}`, entryOf(address));
  }

  #refusalOfName(name: string): string | undefined {
    const { reach, allow, isResolvedElsewhere } = this.#rules;
    if (allow.allowsName(name)) return undefined;
    // RFC 6761: such a name is always the machine's own. A proxy could take it for its own machine.
    if (reach === 'public' && /(?:^|\.)localhost$/.test(name)) return refused(`${name} is this machine`, name);
    if (reach !== 'listed') return undefined;
    // An address of it may be listed, which is seen when it is resolved here.
    return isResolvedElsewhere || allow.hasOnlyNames ? refused(`${name} is not listed`, name) : undefined;
  }

  #allows(address: IpAddress, { class: addressClass }: AddressKind, isListedByName: boolean): boolean {
    const { reach, allow } = this.#rules;
    if (allow.allowsAddress(address, addressClass)) return true;
    if (addressClass === 'never') return false;
    if (isListedByName || reach === 'private') return true;
    return reach === 'public' && addressClass === 'public';
  }

  #described(kind: AddressKind): string {
    return this.#rules.reach === 'listed' && kind.class !== 'never' ? `${kind.is} that is not listed` : kind.is;
  }
}

/** What the list would have to say. */
function entryOf({ family, text }: IpAddress): string {
  return `${text}/${addressBits[family]}`;
}

function refused(what: string, entry: string): string {
  const how = `--egress-allow ${entry} on the command line, allow of egressGuard() in the library`;
  return `${what}: triggers may not reach it. To allow it: ${how}.`;
}
