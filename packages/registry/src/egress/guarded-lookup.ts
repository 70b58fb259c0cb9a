import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { EgressError } from './egress-error.js';
import { readHost } from './egress-host.js';
import type { EgressJudge } from './egress-judge.js';

type LookupCallback = Parameters<LookupFunction>[2];

/**
 * A resolver like `dns.lookup`, in all its forms (no options, a family in place of them, `all`), that judges every address of
 * an answer. It gives out the very addresses that it judged, so that whoever connects to them is not led elsewhere by a second
 * answer. One address that is not allowed spoils the whole answer, because a client whose first address does not work goes on
 * to the next.
 *
 * @param beneath Is asked for all addresses, whatever is asked here.
 */
export function guardedLookup(beneath: LookupFunction, judge: EgressJudge): LookupFunction {
  return (
    hostname: string,
    given: LookupOptions | number | LookupCallback | null | undefined,
    last?: LookupCallback,
  ) => {
    const options = optionsOf(given);
    const settle = settling(options, typeof given === 'function' ? given : last);
    const known = withoutResolving(hostname, judge);
    if (known !== undefined) {
      process.nextTick(settle, known);
      return;
    }
    beneath(hostname, { ...options, all: true }, (error, answer) => {
      settle(error ?? judged(hostname, answer, judge));
    });
  };
}

type Outcome = Error | LookupAddress[];

function optionsOf(given: LookupOptions | number | LookupCallback | null | undefined): LookupOptions {
  if (typeof given === 'number') return { family: given };
  return typeof given === 'object' && given !== null ? given : {};
}

/** Tells the outcome in the form in which it was asked for. */
function settling({ all }: LookupOptions, callback: LookupCallback | undefined): (outcome: Outcome) => void {
  if (typeof callback !== 'function') throw new TypeError('lookup() needs a callback as its last argument');
  return (outcome) => {
    if (outcome instanceof Error) callback(outcome, all === true ? [] : '');
    else if (all === true) callback(null, outcome);
    else callback(null, outcome[0]?.address ?? '', outcome[0]?.family);
  };
}

/** What there is to say of a host without a resolver; undefined: it has to be resolved. */
function withoutResolving(hostname: string, judge: EgressJudge): Outcome | undefined {
  const refusal = judge.refusalOfHost(hostname);
  if (refusal !== undefined) return new EgressError(refusal);
  const host = readHost(hostname);
  if (host === undefined || 'name' in host) return undefined;
  // As it was written it has its zone.
  return [asAnswer(isIP(hostname) === 0 ? host.address.text : hostname)];
}

function judged(hostname: string, answer: unknown, judge: EgressJudge): Outcome {
  const addresses = addressesOf(answer);
  if (addresses.length === 0) return notFound(hostname);
  const refusal = addresses.map((address) => judge.refusalOfAnswer(hostname, address)).find((one) => one !== undefined);
  return refusal === undefined ? addresses.map(asAnswer) : new EgressError(refusal);
}

/** A resolver that does not know `all` answers with one address. What is none is judged, and refused, as an empty text. */
function addressesOf(answer: unknown): string[] {
  if (typeof answer === 'string') return [answer];
  if (!Array.isArray(answer)) return [];
  return answer.map((one: Partial<LookupAddress> | null) => (typeof one?.address === 'string' ? one.address : ''));
}

function asAnswer(address: string): LookupAddress {
  return { address, family: isIP(address) };
}

/** As `dns.lookup` says it: it may be there later, so it is no refusal. */
function notFound(hostname: string): Error {
  const fields = { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname };
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), fields);
}
