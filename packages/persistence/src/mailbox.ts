/** Where `Store.request` leaves messages for whoever has the task open. */
export const mailboxPrefix = 'mailbox/';

/**
 * The key of a task's message.
 *
 * @param number Counts the task's messages from 1 and is never used twice: a session that deletes a message it has
 *   seen can then never delete a newer one. Sixteen digits make the order of keys the order of messages.
 */
export function mailboxKey(number: bigint): string {
  return `${mailboxPrefix}${String(number).padStart(16, '0')}`;
}
