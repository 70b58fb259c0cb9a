import type { Attempt, AttemptOutcome, Egress, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import { sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import { onTestFinished } from 'vitest';
import type { NatsConfig } from '../src/nats-config.js';
import { nats } from '../src/nats-kind.js';

/** A trigger that is closed when the test ends. */
export async function open(config: NatsConfig, given: Partial<TriggerEnvironment> = {}): Promise<Trigger> {
  const trigger = await nats.open(config, sampleEnvironment(given));
  onTestFinished(() => trigger.close?.());
  return trigger;
}

/** One attempt of a trigger of its own. */
export async function attemptWith(
  config: NatsConfig,
  given: Partial<Attempt> = {},
  environment: Partial<TriggerEnvironment> = {},
): Promise<AttemptOutcome> {
  return (await open(config, environment)).attempt(sampleAttempt(given));
}

/** Lets everything be reached, and says that every name is this address. Tells which names were asked for. */
export function resolvingTo(address: string): { egress: Egress; asked: string[] } {
  const asked: string[] = [];
  const lookup: Egress['lookup'] = (name, { all }, callback) => {
    asked.push(name);
    if (all === true) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };
  return { egress: { refusal: () => undefined, lookup }, asked };
}
