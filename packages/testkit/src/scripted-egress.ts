import { isIP, type LookupFunction } from 'node:net';
import { type Egress, EgressError } from '@aftercommit/registry';

/** What an operator says of a host that may not be reached: a kind passes it on. */
export const refusalSentence = 'The operator of the conformance cases lets nobody reach this host.';

/** An egress that plays an operator, and records what it is asked. */
export type ScriptedEgress = Egress & { readonly asked: string[]; readonly lookedUp: string[] };

/**
 * @param script.refusesHosts Whether every host is refused as soon as it is asked for. Undefined: none is.
 * @param script.refusesLookups Whether every name is refused when it is looked up. Undefined: each has the address.
 * @param script.address What every name resolves to. Undefined: 127.0.0.1.
 * @param script.proxy The proxy that everything goes through. Undefined: none.
 */
export function scriptedEgress(
  script: { refusesHosts?: boolean; refusesLookups?: boolean; address?: string; proxy?: string } = {},
): ScriptedEgress {
  const asked: string[] = [];
  const lookedUp: string[] = [];
  const address = script.address ?? '127.0.0.1';
  const lookup: LookupFunction = (hostname, options, callback) => {
    lookedUp.push(hostname);
    const isRefused = script.refusesHosts || script.refusesLookups;
    // In a later turn, as a resolver answers.
    setImmediate(() => {
      const family = isIP(address);
      if (isRefused) callback(new EgressError(refusalSentence), []);
      else if (options.all) callback(null, [{ address, family }]);
      else callback(null, address, family);
    });
  };
  return {
    asked,
    lookedUp,
    lookup,
    refusal(host) {
      asked.push(host);
      return script.refusesHosts ? refusalSentence : undefined;
    },
    ...(script.proxy !== undefined && { proxy: script.proxy }),
  };
}
