import { formatDuration } from '@aftercommit/models';
import type { Clock, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import type { Redactor } from '@aftercommit/registry/redaction';
import type { CompiledTrigger } from './compiled-trigger.js';
import { errorMessage } from './error-message.js';
import { TriggerError } from './trigger-error.js';

/**
 * Opens a trigger's kind, within the trigger's timeout. What a kind throws can quote its configuration: only the scrubbed
 * message goes on (I8).
 *
 * @throws TriggerError `TRIGGER_NOT_OPENED`.
 */
export async function openTrigger(
  trigger: CompiledTrigger,
  environment: TriggerEnvironment,
  redactor: Redactor,
): Promise<Trigger> {
  try {
    const opened = await within(trigger.timeoutMs, environment.clock, trigger.kind.open(trigger.config, environment));
    if (typeof opened?.attempt === 'function') return opened;
    throw new Error('its kind returned nothing that can make an attempt');
  } catch (error) {
    const message = redactor.scrub(`Trigger "${trigger.name}" cannot be opened: ${errorMessage(error)}`);
    throw new TriggerError('TRIGGER_NOT_OPENED', trigger.name, message);
  }
}

/**
 * Closes what `openTrigger` opened, within the trigger's timeout.
 *
 * @throws TriggerError `TRIGGER_NOT_CLOSED`.
 */
export async function closeTrigger(
  trigger: CompiledTrigger,
  opened: Trigger,
  clock: Clock,
  redactor: Redactor,
): Promise<void> {
  try {
    await within(trigger.timeoutMs, clock, Promise.resolve(opened.close?.()));
  } catch (error) {
    const message = redactor.scrub(`Trigger "${trigger.name}" could not be closed: ${errorMessage(error)}`);
    throw new TriggerError('TRIGGER_NOT_CLOSED', trigger.name, message);
  }
}

/** A kind that never settles must not keep its host waiting for ever. */
async function within<Result>(limitMs: number, clock: Clock, work: Promise<Result>): Promise<Result> {
  const over = new AbortController();
  const tooLate = async (): Promise<never> => {
    await clock.sleep(limitMs, over.signal);
    throw new Error(`it did not answer within ${formatDuration(limitMs)}`);
  };
  try {
    return await Promise.race([work, tooLate()]);
  } finally {
    over.abort();
  }
}
