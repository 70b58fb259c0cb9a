import Type, { type Static } from 'typebox';
import { annotated } from './annotations.js';
import { durationField } from './duration.js';
import type { Json } from './json.js';

/** The kind of a trigger that does not name one. */
export const defaultTriggerKind = 'webhook';

/** A trigger's name is also its outbox's, stands in keys and messages, and must survive sealing. */
export const triggerNamePattern = '^(?!.*_sops$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';

/** Why a text is no trigger name, as the end of a sentence; `undefined` when it is one. */
export function triggerNameProblem(name: string): string | undefined {
  if (name.endsWith('_sops')) return 'must not end in "_sops", which marks sealed fields';
  if (new RegExp(triggerNamePattern).test(name)) return undefined;
  return 'must be 1 to 64 letters, digits, ".", "_" or "-", and start with a letter or digit';
}

/** The fields every trigger has, whatever its kind. A kind adds its own beside them. */
export const commonTriggerFields = {
  kind: Type.Optional(
    Type.String({
      title: 'Kind',
      description: 'What is done when a transaction commits.',
      default: defaultTriggerKind,
    }),
  ),
  name: Type.Optional(
    Type.String({
      title: 'Name',
      description: 'Names the trigger and its outbox. Optional in a list: without one it is derived from the target.',
      pattern: triggerNamePattern,
    }),
  ),
  payloadTemplate: annotated(
    Type.String({
      title: 'Payload template',
      description: 'Handlebars template of the payload. What it renders must be JSON.',
    }),
    { nonsensitive: true },
  ),
  timeout: Type.Optional(
    annotated(
      durationField({
        title: 'Timeout',
        description:
          'How long one attempt may take, its response included. The task fails when timeout and maxAttempts are used up. With onFailure park it goes on.',
        default: '30s',
      }),
      { nonsensitive: true },
    ),
  ),
  maxAttempts: Type.Optional(
    annotated(
      Type.Integer({
        title: 'Attempts',
        description:
          'How often a delivery is attempted before it counts as failed; 0 means 1. The task fails when timeout and maxAttempts are used up. With onFailure park it goes on.',
        minimum: 0,
        maximum: 4_294_967_295,
        default: 3,
      }),
      { nonsensitive: true },
    ),
  ),
  interval: Type.Optional(
    annotated(
      durationField({
        title: 'Interval',
        description: 'Minimum time between deliveries; what commits meanwhile is united into one. 0s means none.',
      }),
      { nonsensitive: true },
    ),
  ),
  onFailure: Type.Optional(
    annotated(
      Type.Enum(['block', 'park'], {
        title: 'On failure',
        description:
          'block: a delivery that failed for good fails the task, and is kept for its next start. park: it is set aside, and the task goes on; commits do not wait for this trigger.',
        default: 'block',
      }),
      { nonsensitive: true },
    ),
  ),
};

const CommonTriggerSchema = Type.Object(commonTriggerFields);

/**
 * What every trigger may say, whatever its kind.
 *
 * @interface
 */
export type CommonTriggerConfig = Static<typeof CommonTriggerSchema>;

/** One trigger as a user writes it: the common fields, and those of its kind. Some kinds have a default template. */
export type TriggerConfig = Partial<CommonTriggerConfig> & { [field: string]: Json | undefined };

/** The value of `triggers`: a list, or a map from name to trigger. */
export type TriggersConfig = {
  /** The interval of triggers that do not set one. Undefined: none. */
  interval?: string;
  /** The triggers: a list, whose members may have a `name`, or a map from name to trigger. Empty: nothing is fired. */
  config: TriggerConfig[] | Record<string, TriggerConfig>;
};
