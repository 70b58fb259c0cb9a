/**
 * For whoever runs a commit loop: the outboxes of a task, and the lanes that work on them.
 *
 * @module
 */
export { Condition } from './condition.js';
export type { ObserveDelivery } from './delivery-event.js';
export { deleteDone } from './done-deliveries.js';
export type { DrainOptions } from './lane.js';
export { Lanes, type LanesOptions, type StagedWindow } from './lanes.js';
export { Mailbox, type MailboxOptions } from './mailbox.js';
export { isEmpty, matchOutboxes, type OutboxMatches, type Partner } from './match-outboxes.js';
export { type OpenedOutboxes, openOutboxes } from './open-outboxes.js';
export type { ParkedRequest } from './outbox.js';
export type { AdoptedWindow, Opening } from './plan-opening.js';
