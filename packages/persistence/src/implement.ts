/**
 * For authors of stores: what every store does alike.
 *
 * @module
 */
export { nextEpoch } from './epoch.js';
export { mailboxKey } from './mailbox.js';
export { MessageListeners } from './message-listeners.js';
export { fencedError, keyExistsError, storeClosedError } from './refusals.js';
export { decodeValue, type EncodedBatch, encodeBatch, encodeValue } from './stored-value.js';
export { type FencedVerbs, TaskSession } from './task-session.js';
export { assertWellFormed } from './well-formed.js';
