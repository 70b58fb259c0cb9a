import type { Attempt, AttemptOutcome, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import { sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import { onTestFinished } from 'vitest';
import type { PostgresConfig } from '../src/postgres-config.js';
import { postgres } from '../src/postgres-kind.js';

/** A trigger that is closed when the test ends. */
export async function open(config: PostgresConfig, given: Partial<TriggerEnvironment> = {}): Promise<Trigger> {
  const trigger = await postgres.open(config, sampleEnvironment(given));
  onTestFinished(() => trigger.close?.());
  return trigger;
}

/** One attempt of a trigger of its own. */
export async function attemptWith(
  config: PostgresConfig,
  given: Partial<Attempt> = {},
  environment: Partial<TriggerEnvironment> = {},
): Promise<AttemptOutcome> {
  return (await open(config, environment)).attempt(sampleAttempt(given));
}
