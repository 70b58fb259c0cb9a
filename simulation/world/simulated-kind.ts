import { defineTriggerKind } from '@aftercommit/registry';
import Type from 'typebox';
import { ProcessClock } from './process-clock.js';

/** The kind of trigger that reaches the simulated network. It keeps nothing itself, so that compiled triggers can be used by every process. */
export const simulatedKind = defineTriggerKind({
  contractVersion: 1,
  kind: 'simulated',
  configSchema: Type.Object(
    {
      target: Type.String({ title: 'Target', description: 'The receiver.', minLength: 1 }),
      token: Type.String({ title: 'Token', description: 'What the receiver repeats in all it says.', secret: true }),
    },
    { additionalProperties: false },
  ),
  describeTarget: ({ target }) => `simulated://${target}`,
  async open({ target, token }, { clock }) {
    if (!(clock instanceof ProcessClock)) throw new TypeError('A simulated trigger needs the clock of its session.');
    return { attempt: (attempt) => clock.network.attempt(clock, target, token, attempt) };
  },
});
