export { annotated, type ConfigIssue, jsonPointer, type Window } from '@aftercommit/models';
export { type CheckedSettings, checkSettings } from './check-settings.js';
export { EgressError } from './egress/egress-error.js';
export { egressGuard } from './egress/egress-guard.js';
export type { EgressReach } from './egress/egress-judge.js';
export type { EgressPolicy } from './egress/egress-policy.js';
export { isRegistryError, RegistryError, type RegistryErrorCode } from './registry-error.js';
export {
  type Attempt,
  type AttemptOutcome,
  type Clock,
  defineTriggerKind,
  type Egress,
  type KindIssue,
  type Logger,
  type Random,
  type Trigger,
  type TriggerEnvironment,
  type TriggerKind,
} from './trigger-kind.js';
export { TriggerKindRegistry } from './trigger-kind-registry.js';
export { triggersSchema } from './triggers-schema.js';
export type { ValidatedTrigger } from './validate-trigger.js';
export { type TriggersValidation, type ValidateOptions, validateTriggers } from './validate-triggers.js';
