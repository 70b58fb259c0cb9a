export { AttemptSlots } from './attempt-slots.js';
export type { AttemptBeginning, TraceAttempt } from './attempt-tracing.js';
export { type CheckedTriggers, type CheckOptions, checkTriggers, compileTriggers } from './compile-triggers.js';
export type { CompiledTrigger, DraftTrigger } from './compiled-trigger.js';
export { DeliveryError, type DeliveryErrorCode, isDeliveryError } from './delivery-error.js';
export type { DeliveryEvent } from './delivery-event.js';
export { type FiredTest, fireTest, type TestRequest } from './fired-test.js';
export type { MatchRule } from './matching-rules.js';
export type { OutboxStanding } from './outbox-standing.js';
export { type PlanOptions, planTriggers } from './plan-triggers.js';
export { type PayloadFault, type PayloadPreview, previewPayload } from './preview-payload.js';
export { type PreviewedTask, type PreviewOptions, type PreviewWindow, previewWindow } from './preview-window.js';
export { isTriggerError, TriggerError, type TriggerErrorCode } from './trigger-error.js';
export type { TriggerIdentity } from './trigger-identity.js';
export { isTriggersConfigError, TriggersConfigError } from './triggers-config-error.js';
export type {
  IntervalPlan,
  LeftoverPlan,
  PayloadPlan,
  PlanChange,
  PlannedDelivery,
  TakenOver,
  TriggerPlan,
  TriggersPlan,
  WaitingPlan,
  WindowsPlan,
} from './triggers-plan.js';
