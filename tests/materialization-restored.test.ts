import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WeatherSpec } from './weather-spec.js';

let receiver: Receiver;
let spec: WeatherSpec;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(async () => {
  await receiver.stop();
});

beforeEach(async () => {
  await receiver.clear();
  spec = await WeatherSpec.create();
});

afterEach(async () => {
  await spec.remove();
});

const days = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

async function prepare(runtimeCheckpointOwner: string): Promise<void> {
  await spec.write(
    { slack: { url: `${receiver.url}/slack`, payloadTemplate: '{"run": "{{run_id}}", "docs": {{docs_total}}}' } },
    { endpoint: { runtimeCheckpointOwner } },
  );
}

/** Two runs of 20 documents each; both databases are backed up between them. */
async function runTwice(): Promise<void> {
  await spec.addDays(1, 20);
  expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
  await spec.backUp(spec.state);
  await spec.backUp(spec.endpoint);
  await spec.addDays(21, 20);
  expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
}

/** Documents by distinct idempotency keys. */
async function documentsDelivered(): Promise<number> {
  const byKey = new Map((await receiver.requests('/slack')).map(({ idempotencyKey, body }) => [idempotencyKey, body]));
  return [...byKey.values()].reduce((sum, body) => sum + (JSON.parse(body) as { docs: number }).docs, 0);
}

describe('an endpoint that owns the runtime checkpoint', () => {
  beforeEach(async () => {
    await prepare('endpoint');
    await runTwice();
  });

  test('is taken over, loudly, when the state was deleted; its last window fires again', async () => {
    await spec.delete(spec.state);
    await spec.addDays(41, 5);
    const { exitCode, stderr, events } = await spec.run();
    expect(exitCode).toBe(0);
    expect(stderr).toContain("goes on from the endpoint's runtime checkpoint");
    expect(events[0]).toMatchObject({ event: 'opened', runtimeCheckpoint: 'taken-over', leftOver: { slack: 1 } });
    expect(spec.days()).toEqual(days(45));
    expect(await documentsDelivered()).toBe(45);
    expect(await receiver.requests('/slack')).toHaveLength(2 + 2 + 1 + 1);
  });

  test.each([
    ['the endpoint was deleted', async () => await spec.delete(spec.endpoint)],
    ['the endpoint was restored from a copy', async () => await spec.restore(spec.endpoint)],
    ['the state was restored from a copy', async () => await spec.restore(spec.state)],
  ])('is refused when %s, until somebody accepts what is there', async (_, damage) => {
    await damage();
    await spec.addDays(41, 5);
    const refused = await spec.run();
    expect(refused.exitCode).toBe(1);
    expect(refused.events).toMatchObject([{ event: 'failed', code: 'CHECKPOINT_DIVERGED' }, { event: 'ended' }]);
    expect(refused.stderr).toContain('--accept-endpoint');
    expect(await documentsDelivered()).toBe(40);

    const accepted = await spec.run('--accept-endpoint');
    expect(accepted.exitCode).toBe(0);
    expect(spec.days()).toEqual(days(45));
    expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

describe('an endpoint whose runtime checkpoint is in the store', () => {
  beforeEach(async () => {
    await prepare('store');
    await runTwice();
  });

  test.each([
    ['the state was deleted', async () => await spec.delete(spec.state), 'CHECKPOINT_DIVERGED'],
    ['the endpoint was deleted', async () => await spec.delete(spec.endpoint), 'ENDPOINT_LOST_STAGING'],
    ['the endpoint was restored from a copy', async () => await spec.restore(spec.endpoint), 'ENDPOINT_LOST_STAGING'],
    ['the state was restored from a copy', async () => await spec.restore(spec.state), 'ENDPOINT_LOST_STAGING'],
  ])('is refused when %s, until somebody accepts to begin again', async (_, damage, code) => {
    await damage();
    await spec.addDays(41, 5);
    const refused = await spec.run();
    expect(refused.exitCode).toBe(1);
    expect(refused.events).toMatchObject([{ event: 'failed', code }, { event: 'ended' }]);
    expect(refused.stderr).toContain('--accept-endpoint');
    expect(await documentsDelivered()).toBe(40);

    const accepted = await spec.run('--accept-endpoint');
    expect(accepted).toMatchObject({ exitCode: 0 });
    expect(accepted.stderr).toContain('begins again from the start of its sources');
    expect(spec.days()).toEqual(days(45));
    expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

test('both are deleted: everything begins again', async () => {
  await prepare('endpoint');
  await runTwice();
  await spec.delete(spec.state);
  await spec.delete(spec.endpoint);
  expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
  expect(spec.days()).toEqual(days(40));
});

test('what one way of running left is finished by the other', async () => {
  await spec.addDays(1, 20);
  for (const [index, owner] of ['endpoint', 'store', 'endpoint', 'store'].entries()) {
    await prepare(owner);
    expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
    await spec.addDays(21 + index * 5, 5);
  }
  await prepare('endpoint');
  expect(await spec.run()).toMatchObject({ exitCode: 0, stderr: '' });
  expect(spec.days()).toEqual(days(40));
  expect(await documentsDelivered()).toBe(40);
});
