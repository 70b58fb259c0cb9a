export {
  annotated,
  type FieldAnnotations,
  protectedFields,
  secretValues,
  withoutSecrets,
  withSecretsAbsent,
} from './annotations.js';
export { ClockRange, type Clocks } from './clock-range.js';
export { kindSchemasOf } from './composed-schema.js';
export type { ConfigIssue, ConfigIssueCode } from './config-issue.js';
export { type Document, type DocumentValue, isDocument, parseDocument, printDocument } from './document.js';
export { DurationError, DurationSchema, formatDuration, isDurationError, parseDuration } from './duration.js';
export { canonicalJson, isJsonObject, type Json, type JsonObject, jsonProblem } from './json.js';
export { jsonPointer, pointerPath, valueAt } from './json-pointer.js';
export { listNames } from './list-names.js';
export { type MeantFields, meantFields, pointerAsWritten } from './meant-fields.js';
export { mergePatch } from './merge-patch.js';
export { misspeltName, nameMeant, nearestName } from './nearest-name.js';
export { SchemaLocation } from './schema-location.js';
export { restoreConfig, stripConfig } from './strip-config.js';
export { nameTriggers, restoreTriggers, stripTriggers } from './strip-triggers.js';
export { compareText } from './text-order.js';
export { formatRunId, formatTimestamp, parseRunId, parseTimestamp } from './timestamp.js';
export {
  type CommonTriggerConfig,
  commonTriggerFields,
  defaultTriggerKind,
  type TriggerConfig,
  type TriggersConfig,
  triggerNamePattern,
  triggerNameProblem,
} from './trigger-config.js';
export {
  alternativeFields,
  commonInterval,
  type KindSchemas,
  kindOf,
  schemaOfTriggers,
  triggerSchema,
  withOptionalDefaults,
} from './trigger-schema.js';
export { unknownField } from './unknown-field.js';
export {
  clockFromUnix,
  clockToRfc3339,
  clockToUnix,
  type DocumentUuid,
  DocumentUuidError,
  formatDocumentUuid,
  isDocumentUuidError,
  parseDocumentUuid,
  type UuidClock,
} from './uuid-clock.js';
export { copyWindow, sortedNames, sortedPaths, uniteWindows, type Window, WindowSchema } from './window.js';
