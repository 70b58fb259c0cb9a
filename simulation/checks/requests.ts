import { type OutboxRequest, readOutboxRequest } from '@aftercommit/persistence/records';
import type { AppliedWrite } from '../world/disk.js';

/** What people asked for and the write follows: messages that it removes, because it is their effect. */
export function requestsIn({ changes }: AppliedWrite): OutboxRequest[] {
  return [...changes].flatMap(([key, { before, after }]) => {
    if (!key.startsWith('mailbox/') || before === undefined || after !== undefined) return [];
    return readOutboxRequest(before) ?? [];
  });
}

/** Whether somebody asked for it, for this delivery or for all. */
export function isWanted(
  wanted: 'replay' | 'drop',
  idempotencyKey: string,
  requests: readonly OutboxRequest[],
): boolean {
  return requests.some(
    (asked) => asked.request === wanted && (asked.keys === 'all' || asked.keys.includes(idempotencyKey)),
  );
}

/** Whether somebody asked for an outbox to be dropped, with all that it holds. */
export function isGivenUp(requests: readonly OutboxRequest[]): boolean {
  return requests.some(({ request }) => request === 'drop-outbox');
}
