import { hash } from 'node:crypto';

/**
 * The stable name of a delivery: `msg_` and 32 hex digits. Made once, in the write that adds the window, and stored:
 * a trigger that is renamed later goes on with the keys its receiver may have seen.
 */
export function idempotencyKey(materialization: string, trigger: string, runId: string): string {
  return `msg_${sha256([materialization, trigger, runId]).slice(0, 32)}`;
}

/** Hex digits over texts; the array keeps them apart. */
export function sha256(texts: string[]): string {
  return hash('sha256', JSON.stringify(texts));
}
