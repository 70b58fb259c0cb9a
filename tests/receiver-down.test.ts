import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WeatherSpec } from './weather-spec.js';

let receiver: Receiver;
let spec: WeatherSpec;

beforeAll(async () => {
  receiver = await startReceiver();
  spec = await WeatherSpec.create();
});

afterAll(async () => {
  await spec.remove();
  await receiver.stop();
});

test('60 transactions arrive, in order and once, though the receiver is down at first', async () => {
  const template = '{"run": "{{run_id}}", "docs": {{docs_total}}}';
  await spec.write(
    {
      slack: { url: `${receiver.url}/slack`, payloadTemplate: template },
      dbt: { url: `${receiver.url}/dbt`, payloadTemplate: template, maxAttempts: 1, timeout: '1s' },
    },
    { maxDocs: 1 },
  );
  await spec.addDays(1, 60);
  // It accepts connections and answers nothing but 503: every run ends, and a supervisor starts the next one.
  await receiver.respond('/dbt', [{ status: 503 }, { status: 503 }, { status: 503 }, { status: 200 }]);
  for (let run = 1; run <= 3; run += 1) {
    const { exitCode, stderr, events } = await spec.run();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Trigger "dbt" could not deliver run ');
    expect(events.at(-1)).toMatchObject({ event: 'ended', waiting: { dbt: 1 } });
    expect(spec.days()).toEqual([1]);
  }

  expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
  expect(spec.days()).toHaveLength(60);
  const slack = await receiver.requests('/slack');
  const dbt = await receiver.requests('/dbt');
  const runs = slack.map(({ body }) => body);
  expect(slack).toHaveLength(60);
  expect(dbt).toHaveLength(63);
  expect(dbt.slice(3).map(({ body }) => body)).toEqual(runs);
  expect([...runs].sort()).toEqual(runs);
  expect(new Set(dbt.slice(0, 4).map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
});
