/** For whoever runs a commit loop: the outboxes of a task, and the lanes that work on them. */
export { Condition } from './condition.js';
export type { ObserveDelivery } from './delivery-event.js';
export { deleteDone } from './done-deliveries.js';
export type { DrainOptions } from './lane.js';
export { Lanes, type LanesOptions, type StagedWindow } from './lanes.js';
export { Mailbox } from './mailbox.js';
export { isEmpty, matchOutboxes } from './match-outboxes.js';
export { type OpenedOutboxes, openOutboxes } from './open-outboxes.js';
