export type {
  BindingKey,
  Connector,
  ConnectorProgress,
  ConnectorState,
  KeyValue,
  LoadedDocument,
  OpenConnector,
  OpenedConnector,
  RuntimeCheckpointValue,
  StoreDocument,
} from './connector.js';
export { ConnectorError, type ConnectorErrorCode, isConnectorError } from './connector-error.js';
export { type ConnectorKind, type ConnectorTask, defineConnectorKind } from './connector-kind.js';
export type {
  MaterializationBinding,
  MaterializationEnd,
  MaterializationOptions,
  TransactionLimits,
} from './materialization-options.js';
export { materialize } from './materialize.js';
export type { OpenedEvent } from './open-task.js';
export type { Reconciled } from './reconcile-checkpoints.js';
export { isSessionError, SessionError, type SessionErrorCode } from './session-error.js';
export type { ObserveSession, SessionEvent } from './session-event.js';
export type { TriggerSessionOptions } from './session-options.js';
export type { Source, SourceDocument, SourcePage, SourceReader } from './source.js';
export { isSourceError, SourceError, type SourceErrorCode } from './source-error.js';
export { standardErrorLogger, systemClock, systemRandom } from './system-environment.js';
export {
  type Binding,
  type BindingStats,
  type DocumentTotals,
  Transaction,
  type WindowSubject,
  windowFromStats,
} from './transaction.js';
export { TriggerSession } from './trigger-session.js';
