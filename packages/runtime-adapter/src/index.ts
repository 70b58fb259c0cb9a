export type { Reconciled } from './reconcile-checkpoints.js';
export { isSessionError, SessionError, type SessionErrorCode } from './session-error.js';
export type { SessionEvent } from './session-event.js';
export type { TriggerSessionOptions } from './session-options.js';
export { standardErrorLogger, systemClock, systemRandom } from './system-environment.js';
export { type Binding, type BindingStats, Transaction, type WindowSubject, windowFromStats } from './transaction.js';
export { TriggerSession } from './trigger-session.js';
