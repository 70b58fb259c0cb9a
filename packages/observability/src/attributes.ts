/**
 * The names of all attributes. Metrics have only those whose values are few: materialization, trigger and kind are configured,
 * outcomes are three, and codes are made few by `errorType`.
 */
export const attribute = {
  materialization: 'aftercommit.materialization',
  trigger: 'aftercommit.trigger',
  kind: 'aftercommit.kind',
  outcome: 'aftercommit.outcome',
  errorType: 'error.type',
  // Of spans alone.
  target: 'aftercommit.target',
  runId: 'aftercommit.run_id',
  idempotencyKey: 'aftercommit.idempotency_key',
  attempt: 'aftercommit.attempt',
  epoch: 'aftercommit.epoch',
  docs: 'aftercommit.docs',
  bytes: 'aftercommit.bytes',
} as const;

/** An error's code as an attribute: our codes and those of Node are few, and what looks otherwise is not passed on. */
export function errorType(code: string): string {
  return /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : '_OTHER';
}
