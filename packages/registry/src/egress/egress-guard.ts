import type { LookupFunction } from 'node:net';
import type { Egress } from '../trigger-kind.js';
import { EgressJudge } from './egress-judge.js';
import { type EgressPolicy, readPolicy } from './egress-policy.js';
import { guardedLookup } from './guarded-lookup.js';

/**
 * What the operator lets triggers reach, made from a policy. Without one: everything but link-local addresses and the
 * metadata services of clouds.
 *
 * @throws RegistryError `EGRESS_POLICY_INVALID`.
 */
export function egressGuard(policy: EgressPolicy = {}): Egress {
  const { rules, lookup, proxy } = readPolicy(policy);
  return new EgressGuard(new EgressJudge(rules), lookup, proxy);
}

/** A task asks about the same few hosts again and again, once for each attempt. */
const mostRemembered = 1_000;

class EgressGuard implements Egress {
  readonly lookup: LookupFunction;
  readonly #judge: EgressJudge;
  readonly #refusals = new Map<string, string | undefined>();
  /** A private field is not shown by whoever prints the guard, and copied by nobody who spreads it. */
  readonly #proxy: string | undefined;

  constructor(judge: EgressJudge, lookup: LookupFunction, proxy: string | undefined) {
    this.lookup = guardedLookup(lookup, judge);
    this.#judge = judge;
    this.#proxy = proxy;
  }

  get proxy(): string | undefined {
    return this.#proxy;
  }

  refusal(host: string): string | undefined {
    if (this.#refusals.has(host)) return this.#refusals.get(host);
    if (this.#refusals.size >= mostRemembered) this.#refusals.clear();
    const refusal = this.#judge.refusalOfHost(host);
    this.#refusals.set(host, refusal);
    return refusal;
  }
}
