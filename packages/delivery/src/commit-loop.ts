/** For whoever runs a commit loop: the outboxes of a task, and the lanes that work on them. */
export { Condition } from './condition.js';
export type { ObserveDelivery } from './delivery-event.js';
export { Lanes, type LanesOptions, type StagedWindow } from './lanes.js';
export { type OpenedOutboxes, openOutboxes } from './open-outboxes.js';
export { scrubbingLogger } from './scrubbing-logger.js';
