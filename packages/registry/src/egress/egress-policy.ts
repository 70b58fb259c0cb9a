import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { RegistryError } from '../registry-error.js';
import { AllowList } from './allow-list.js';
import type { EgressReach, EgressRules } from './egress-judge.js';

/** What an operator lets triggers reach, as it is configured. */
export type EgressPolicy = {
  /**
   * Which addresses need not be listed: `private` (the internet and the operator's own network), `public` (the internet) or
   * `listed` (none). None of them lets through link-local addresses and the metadata services of clouds. Default: `private`.
   */
  reach?: EgressReach;
  /**
   * What may be reached beside that: hosts (`hooks.internal`), all names below one (`*.internal.example`), addresses
   * (`10.0.0.7`, `fd00::7`) and CIDRs (`10.0.0.0/8`). A host counts wherever its name leads, except to link-local addresses and
   * metadata services: these are allowed by their own address, or by a CIDR that has nothing else in it
   * (`169.254.169.254/32`, and not `0.0.0.0/0`). Default: nothing.
   */
  allow?: readonly string[];
  /**
   * The proxy through which everything goes: an `http:` or `https:` URL. Its password (or its user, where that is all) is
   * a secret. It resolves the names, so that their addresses are its business; names and literal addresses are judged here all
   * the same. The proxy's own host is the operator's, and is not judged. Default: none; no variable of the environment is looked at.
   */
  proxy?: string;
  /** The resolver whose answers are judged. Default: `dns.lookup`, the system's. */
  lookup?: LookupFunction;
};

const reaches: readonly string[] = ['private', 'public', 'listed'] satisfies EgressReach[];

/** @throws RegistryError `EGRESS_POLICY_INVALID`. */
export function readPolicy({ reach = 'private', allow = [], proxy, lookup = systemLookup }: EgressPolicy): {
  rules: EgressRules;
  proxy: string | undefined;
  lookup: LookupFunction;
} {
  if (!reaches.includes(reach)) throw invalid(`reach must be one of ${reaches.join(', ')}.`);
  // A text is a sequence too, of hosts of one letter.
  if (!Array.isArray(allow)) throw invalid('allow must be a list.');
  if (proxy !== undefined && !isHttpUrl(proxy)) {
    // There can be a password anywhere in it: nothing of it is shown.
    throw invalid('proxy must be an HTTP proxy, given as a URL such as http://proxy.internal:3128.');
  }
  return { rules: { reach, allow: new AllowList(allow), isResolvedElsewhere: proxy !== undefined }, proxy, lookup };
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
}

function invalid(problem: string): RegistryError {
  return new RegistryError('EGRESS_POLICY_INVALID', `What triggers may reach cannot be read: ${problem}`);
}
