import assert from 'node:assert/strict';
import type { AttemptOutcome, Trigger } from '@aftercommit/registry';
import type { KindBench, KindCase } from './kind-bench.js';
import { withBreakableConnections, withoutReceivers } from './kind-connections.js';
import { timeLapse } from './kind-time-lapse.js';
import { promptly, within } from './settling.js';

/** How long an outcome is waited for that need not come by itself, in milliseconds. */
const patienceMs = 300;

/** Whatever happens, only what the receiver accepted is delivered, and what may work later is tried by nobody but the core. */
export const outcomeCases: KindCase[] = [
  {
    title: 'connects once when nobody listens, and says that it may work later',
    needs: 'hosts',
    async run(bench) {
      const trigger = await bench.open();
      let outcome: AttemptOutcome | undefined;
      const wanted = await withoutReceivers(bench.scope, () =>
        timeLapse(bench.scope, async () => {
          outcome = await limitedAttempt(bench, trigger);
        }),
      );
      // A kind that does not connect through Node's sockets shows nothing here.
      if (wanted.length === 0) return;
      assert.equal(outcome?.outcome, 'retry', 'nobody listened: that may be otherwise the next time');
      assert.equal(new Set(wanted).size, wanted.length, 'an attempt connects to each address once: the core retries');
    },
  },
  {
    title: 'says that it may work later when the connection breaks before an answer, and sends nothing again',
    needs: 'hang',
    async run(bench) {
      const trigger = await bench.open();
      await bench.subject.receiver.hang?.();
      await withBreakableConnections(bench.scope, async (breakAll) => {
        let outcome: AttemptOutcome | undefined;
        let broken = 0;
        const received = await bench.receivedDuring(() =>
          timeLapse(bench.scope, async () => {
            outcome = await limitedAttempt(bench, trigger, () => {
              broken = breakAll();
            });
          }),
        );
        if (broken === 0) return;
        assert.equal(
          outcome?.outcome,
          'retry',
          'nobody knows whether the receiver accepted: only the core tries again',
        );
        assert.ok(received.length <= 1, `one attempt sent ${received.length} times`);
      });
    },
  },
];

/** One attempt that is aborted when it takes too long. What happens to it happens once it has arrived. */
async function limitedAttempt(bench: KindBench, trigger: Trigger, happens?: () => void): Promise<AttemptOutcome> {
  const controller = new AbortController();
  const given = { signal: controller.signal };
  const outcome =
    happens === undefined ? bench.started(trigger, given) : (await bench.arrivedAttempt(trigger, given)).outcome;
  happens?.();
  if (!(await within(outcome, patienceMs))) controller.abort();
  return promptly(outcome, 'attempt() did not settle at once when its signal aborted');
}
