import type { AttemptOutcome, Trigger } from '@aftercommit/registry';
import { ManualClock, sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { faultsAfterStatus, oddStatuses } from '../test/faults-after-status.js';
import { faultsBeforeStatus } from '../test/faults-before-status.js';
import { type FaultyServer, type ReceiverFault, startFaultyServer } from '../test/faulty-server.js';
import { floods } from '../test/floods.js';
import { webhook } from './webhook-kind.js';

const unheard: unknown[] = [];
const hear = (error: unknown): void => void unheard.push(error);

beforeAll(() => void process.on('unhandledRejection', hear).on('uncaughtException', hear));
afterAll(() => void process.off('unhandledRejection', hear).off('uncaughtException', hear));

describe.each([
  ['before its status is read', faultsBeforeStatus],
  ['after its status was read', faultsAfterStatus],
  ['with an odd status', oddStatuses],
  ['with more than anybody wants', floods],
])('a receiver that goes wrong %s', (_when, faults) => {
  test.each(faults.map((fault) => [fault.title, fault.outcome, fault] as const))('%s: %s', async (...[, , fault]) => {
    const server = await startFaultyServer(fault);
    onTestFinished(() => server.stop());
    const clock = new ManualClock();
    const trigger = await webhook.open({ url: `${server.url}/` }, sampleEnvironment({ clock }));
    onTestFinished(() => trigger.close?.());

    const result = await attemptAt({ server, fault, trigger, clock });

    expect(result.outcome).toBe(fault.outcome);
    if (result.outcome !== 'delivered') {
      expect(result.reason).toContain(fault.reason ?? '');
      // The body's evidence is at most 4 KiB of it.
      expect(result.reason.length).toBeLessThan(4_300);
    }
    // What it left behind is nobody's: neither a byte of an answer nor a request sent twice.
    const next = await trigger.attempt(sampleAttempt({ idempotencyKey: 'next' }));
    expect(next).toEqual({ outcome: 'delivered' });
    expect(server.requests).toEqual([...(fault.at === undefined ? ['first'] : []), 'next']);
    await trigger.close?.();
    await server.abandoned();
    expect(clock.sleepers).toEqual([]);
    expect(unheard).toEqual([]);
  });
});

type Bench = { server: FaultyServer; fault: ReceiverFault; trigger: Trigger; clock: ManualClock };

/** One attempt, whose time passes only where nothing else would end it. */
async function attemptAt({ server, fault, trigger, clock }: Bench): Promise<AttemptOutcome> {
  const deadline = new AbortController();
  const attempting = trigger.attempt(
    sampleAttempt({
      idempotencyKey: 'first',
      payload: JSON.stringify('x'.repeat(fault.payloadBytes ?? 10)),
      deadlineAt: clock.now() + 1_000,
      signal: deadline.signal,
    }),
  );
  const bodyHangs = Promise.all([clock.nextSleep(), server.faultSent]);
  if (fault.lastsUntilDeadline !== true) {
    // Evidence is waited for until half of what is left.
    void bodyHangs.then(() => clock.advance(500));
    return await attempting;
  }
  await server.faultSent;
  await clock.advance(1_000);
  deadline.abort(new Error('the deadline is over'));
  return await attempting;
}
