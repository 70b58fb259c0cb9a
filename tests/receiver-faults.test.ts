import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { answers } from '../plugins/webhook/test/fault-answers.js';
import { faultsAfterStatus, oddStatuses } from '../plugins/webhook/test/faults-after-status.js';
import { faultsBeforeStatus } from '../plugins/webhook/test/faults-before-status.js';
import { type FaultyServer, type ReceiverFault, startFaultyServer } from '../plugins/webhook/test/faulty-server.js';
import { floods } from '../plugins/webhook/test/floods.js';
import type { RunEvent } from './aftercommit-run.js';
import { peakMemoryOf } from './receiver-faults-memory.js';
import { WeatherSpec } from './weather-spec.js';

const transactions = 3;
let spec: WeatherSpec;

beforeEach(async () => {
  spec = await WeatherSpec.create();
});

afterEach(() => spec.remove());

test('receivers that go wrong once delay, repeat and park what the outcome table says, and nothing else', async () => {
  const servers = await prepare([...faultsBeforeStatus, ...faultsAfterStatus, ...oddStatuses]);

  const { exitCode, stderr, events } = await spec.run();

  expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' });
  expect(spec.days()).toHaveLength(transactions);
  for (const [name, { fault, server }] of servers) checkTrigger(name, fault, server, events);
});

test('receivers that send more than anybody wants cost no memory', async () => {
  await prepare(floods.map(({ title }) => answers(title, 'delivered', 'HTTP/1.1 204 No Content\r\n\r\n')));
  const ordinary = await peakMemoryOf(spec);
  await spec.delete(spec.state);
  await spec.delete(spec.endpoint);
  await prepare(floods);

  const flooded = await peakMemoryOf(spec);

  expect([ordinary.exitCode, flooded.exitCode]).toEqual([0, 3]);
  // It is 35 MB more. Were the bodies read as long as their time lasts, it would be more than 100.
  expect(flooded.peakBytes).toBeLessThan(ordinary.peakBytes + 70_000_000);
});

type Faulty = { fault: ReceiverFault; server: FaultyServer };

/** A trigger for each fault, side by side on one task. */
async function prepare(faults: readonly ReceiverFault[]): Promise<Map<string, Faulty>> {
  const servers = new Map<string, Faulty>();
  const triggers: Record<string, object> = {};
  for (const [index, fault] of faults.entries()) {
    const server = await startFaultyServer(fault);
    onTestFinished(() => server.stop());
    const name = `t${index}`;
    servers.set(name, { fault, server });
    // A template may be so long.
    const padding = 'x'.repeat(Math.min(fault.payloadBytes ?? 0, 90_000));
    triggers[name] = {
      url: server.url,
      payloadTemplate: `{"run": "{{run_id}}", "padding": "${padding}"}`,
      timeout: '2s',
      // A rejected one would end the task, and with it all the others.
      onFailure: fault.outcome === 'rejected' ? 'park' : 'block',
    };
  }
  await spec.write(triggers, { maxDocs: 1 });
  await spec.addDays(1, transactions);
  return servers;
}

function checkTrigger(name: string, fault: ReceiverFault, server: FaultyServer, events: RunEvent[]): void {
  const own = events.filter(({ trigger }) => trigger === name);
  const outcomes = own.filter(({ event }) => event === 'attempt').map(({ outcome }) => outcome);
  const [first, ...later] = outcomes;
  expect(first, fault.title).toBe(fault.outcome);
  expect(new Set(later), fault.title).toEqual(new Set(['delivered']));
  expect(
    own.filter(({ event }) => event === 'parked'),
    fault.title,
  ).toHaveLength(fault.outcome === 'rejected' ? 1 : 0);
  // What waits behind a parked one holds up no commit, and may be united at the end.
  if (fault.outcome !== 'rejected')
    expect(outcomes, fault.title).toHaveLength(transactions + (first === 'retry' ? 1 : 0));
  const arrived = fault.at === undefined ? outcomes.length : outcomes.length - 1;
  expect(server.requests, fault.title).toHaveLength(arrived);
  const repeated = fault.at === undefined && first === 'retry' ? 1 : 0;
  expect(new Set(server.requests).size, fault.title).toBe(arrived - repeated);
}
