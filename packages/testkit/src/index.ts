export type { ConformanceCase } from './conformance-case.js';
export { connectorConformance } from './connector-conformance.js';
export { type ConnectorSubject, conformanceBindings, type EndpointUnderTest } from './connector-subject.js';
export { type CrashPlan, type CrashPoint, CrashPoints, type CrashStep } from './crash-points.js';
export type { CrashMoment } from './crash-points-life.js';
export type { WriteName } from './crash-points-write.js';
export { type ConnectionFault, type FaultyCall, FaultyStore } from './faulty-store.js';
export { kindConformance } from './kind-conformance.js';
export type { KindReceiver, KindSubject, ReceivedDelivery } from './kind-subject.js';
export { ManualClock, type Sleeper } from './manual-clock.js';
export { MemoryEndpoint } from './memory-endpoint.js';
export type { MemoryConnectorOptions } from './memory-endpoint-connector.js';
export type { MemoryBindings } from './memory-endpoint-rows.js';
export type { MemoryEndpointState, Staging, StagingName, StoredRow } from './memory-endpoint-state.js';
export {
  attachReceiver,
  type ReceivedRequest,
  type Receiver,
  type ReceiverResponse,
  startReceiver,
} from './receiver.js';
export { isReceiverError, ReceiverError, type ReceiverErrorCode } from './receiver-error.js';
export { sampleAttempt, sampleEnvironment } from './sample-attempt.js';
export { hang, type RecordedAttempt, type ScriptedKind, type ScriptedStep, scriptedKind } from './scripted-kind.js';
export { seededRandom } from './seeded-random.js';
export { storeConformance } from './store-conformance.js';
export type { StoreFault, StoreSubject, StoreTime } from './store-subject.js';
