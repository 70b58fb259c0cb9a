import { canonicalJson, isJsonObject, type Json, protectedFields, withoutSecrets } from '@aftercommit/models';
import type { OutboxRecord } from '@aftercommit/persistence/records';
import type { ValidatedTrigger } from '@aftercommit/registry';
import { sha256 } from './idempotency-key.js';

/** What a trigger is recognised by when its configuration changed between two sessions: what its outbox remembers of it. */
export type TriggerIdentity = Omit<OutboxRecord, 'hasPartner' | 'intervalMs' | 'onFailure'>;

/** The longest name without the hashes and number behind it. */
const longestStem = 34;

/**
 * Identifies each trigger, in order. One without a configured name gets kind, host and eight hex digits over its
 * protected fields: not the path and query themselves, which can be tokens. Of several equal ones all carry their
 * template's hash too, and `-2`, `-3`… follow where even that is equal.
 */
export function identifyTriggers(triggers: readonly ValidatedTrigger[]): TriggerIdentity[] {
  const hashed = triggers.map((trigger) => ({ trigger, ...hashesOf(trigger) }));
  const derived = hashed.map(({ trigger, targetHash }) => derivedName(trigger, targetHash));
  const taken = new Set(triggers.flatMap(({ configuredName }) => configuredName ?? []));
  const stems = countEach(derived.filter((_, index) => triggers[index]?.configuredName === undefined));
  return hashed.map(({ trigger, targetHash, templateHash, configHash }, index) => {
    const { configuredName } = trigger;
    const stem = derived[index] ?? '';
    const isAlone = stems.get(stem) === 1;
    const name = configuredName ?? firstFree(isAlone ? stem : `${stem}-${templateHash.slice(0, 8)}`, taken);
    taken.add(name);
    const nameConfigured = configuredName !== undefined;
    return { name, nameConfigured, kind: trigger.kind.kind, targetHash, templateHash, configHash };
  });
}

/** The name itself, or with the first number from 2 that makes it new. */
export function firstFree(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${name}-${number}`;
  return candidate;
}

function countEach(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function hashesOf(trigger: ValidatedTrigger): Pick<TriggerIdentity, 'targetHash' | 'templateHash' | 'configHash'> {
  const { kind, payloadTemplate, timeoutMs, maxAttempts, intervalMs, onFailure } = trigger;
  const config = unmarked(trigger.config);
  const open = withoutSecrets(kind.configSchema, config);
  return {
    targetHash: sha256([kind.kind, canonicalJson(protectedFields(kind.configSchema, config))]),
    templateHash: sha256([payloadTemplate]),
    configHash: sha256([
      kind.kind,
      canonicalJson({ open, payloadTemplate, timeoutMs, maxAttempts, intervalMs, onFailure }),
    ]),
  };
}

/** The names that fields have unsealed: sealed and plain, a trigger is the same. */
function unmarked(value: Json): Json {
  if (Array.isArray(value)) return value.map(unmarked);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.replace(/_sops$/, ''), unmarked(inner)]),
  );
}

function derivedName(trigger: ValidatedTrigger, targetHash: string): string {
  // A kind tells scheme and host; one that tells more must not put a token into a name (I8). Sealed and plain, it is the same.
  const [authority = ''] = trigger.sealedTarget.replace(/^[a-z][a-z0-9+.-]*:\/+/i, '').split(/[/?#]/);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const stem = `${trigger.kind.kind}-${host.replaceAll(/[^A-Za-z0-9.-]+/g, '-')}`.slice(0, longestStem);
  return `${stem.replace(/[-.]+$/, '')}-${targetHash.slice(0, 8)}`;
}
