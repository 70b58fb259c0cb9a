import { compileTriggers } from '@aftercommit/delivery';
import {
  egressGuard,
  type Trigger,
  type TriggerEnvironment,
  type TriggerKind,
  TriggerKindRegistry,
} from '@aftercommit/registry';
import { sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import type { Static, TObject } from 'typebox';
import { onTestFinished } from 'vitest';

/** A preset as a session has it: checked, opened, and with the payload that its own template gives of a window. */
export async function openPreset<Schema extends TObject>(
  kind: TriggerKind<Schema>,
  config: Partial<Static<Schema>>,
  given: Partial<TriggerEnvironment> = {},
): Promise<{ trigger: Trigger; payload: string }> {
  const environment = sampleEnvironment({ egress: egressGuard(), ...given });
  const [compiled] = compileTriggers(
    { config: [{ kind: kind.kind, payloadTemplate: kind.defaultPayloadTemplate, ...config }] },
    new TriggerKindRegistry([kind]),
  );
  if (compiled === undefined) throw new Error('no trigger was compiled');
  const trigger = await compiled.kind.open(compiled.config, environment);
  onTestFinished(async () => trigger.close?.());
  return { trigger, payload: compiled.render(sampleAttempt().variables) };
}
