import { sampleAttempt } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPreset } from '../../test/presets/open-preset.js';
import { type DbtCloudService, type DbtRun, startDbtCloud } from '../../test/services/dbt-cloud-service.js';
import { startService } from '../../test/services/service.js';
import { type DbtCloudConfig, dbtCloud } from './dbt-cloud.js';

const idempotencyKey = 'msg_00000000000000000000000000000001';

describe('a run of a job of dbt Cloud', () => {
  let service: DbtCloudService;
  beforeAll(async () => {
    service = await startDbtCloud();
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    Object.assign(service, { trouble: undefined, troubled: 'start' });
    service.runs.splice(0);
  });
  const open = (changed: Partial<DbtCloudConfig> = {}) =>
    openPreset(dbtCloud, { url: service.url, account: 7, job: 42, token: 's3cret', ...changed });
  const run = (status: number, cause = 'scheduled', job = 42): DbtRun => {
    const made = { id: 1000 + service.runs.length, job, status, cause, overrides: {} };
    service.runs.push(made);
    return made;
  };

  test('has the idempotency key and the payload in its cause, and what is overridden', async () => {
    const { trigger, payload } = await open({ overrides: { git_branch: 'main', threads_override: 8 } });
    expect(await trigger.attempt(sampleAttempt({ idempotencyKey, payload }))).toEqual({ outcome: 'delivered' });
    expect(service.runs).toMatchObject([
      {
        job: 42,
        cause: `${idempotencyKey} acme/orders: 3 documents committed, run 2024-06-15T12:30:00.000000Z`,
        overrides: { git_branch: 'main', threads_override: 8 },
      },
    ]);
  });

  test('is started once for a delivery whose answer was lost, also when it has ended by then', async () => {
    const { trigger, payload } = await open();
    const abort = new AbortController();
    service.trouble = 'lost-reply';
    const lost = trigger.attempt(sampleAttempt({ idempotencyKey, payload, signal: abort.signal }));
    await expect.poll(() => service.runs.length).toBe(1);
    abort.abort();
    expect(await lost).toMatchObject({ outcome: 'retry' });
    service.trouble = undefined;
    for (const run of service.runs) run.status = 10;
    expect(await trigger.attempt(sampleAttempt({ idempotencyKey, payload, number: 2 }))).toEqual({
      outcome: 'delivered',
    });
    expect(service.runs).toHaveLength(1);
  });

  test.each([
    ['ignore', [3, 1]],
    ['skip', [3]],
    ['replace', [30, 1]],
  ] as const)('while another is in progress, in mode %s, leaves runs %j', async (mode, statuses) => {
    run(3);
    const { trigger } = await open({ mode });
    expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
    expect(service.runs.map(({ status }) => status)).toEqual(statuses);
  });

  test.each(['ignore', 'skip', 'replace'] as const)(
    'is started in mode %s when all others have ended',
    async (mode) => {
      for (const status of [10, 20, 30]) run(status);
      run(3, 'another job', 43);
      const { trigger } = await open({ mode });
      expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
      expect(service.runs.map(({ status }) => status)).toEqual([10, 20, 30, 3, 1]);
    },
  );

  test('replaces every run that is in progress', async () => {
    for (const status of [3, 2, 1]) run(status);
    const { trigger } = await open({ mode: 'replace' });
    await trigger.attempt(sampleAttempt());
    expect(service.runs.map(({ status }) => status)).toEqual([30, 30, 30, 1]);
  });

  test('is started where the run that it replaces has ended meanwhile', async () => {
    run(3);
    Object.assign(service, { trouble: 'ended', troubled: 'cancel' });
    const { trigger } = await open({ mode: 'replace' });
    expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
    expect(service.runs.map(({ status }) => status)).toEqual([3, 1]);
  });

  test('is looked for among the newest of many', async () => {
    for (let older = 0; older < 100; older += 1) run(10);
    run(10, `${idempotencyKey} again`);
    const { trigger } = await open();
    expect(await trigger.attempt(sampleAttempt({ idempotencyKey }))).toEqual({ outcome: 'delivered' });
    expect(service.runs).toHaveLength(101);
  });

  test.each([
    ['start', 'down', 'retry'],
    ['start', 'limited', 'retry'],
    ['start', 'forbidden', 'rejected'],
    ['list', 'down', 'retry'],
    ['list', 'forbidden', 'rejected'],
    ['cancel', 'down', 'retry'],
    ['cancel', 'forbidden', 'rejected'],
  ] as const)('that cannot %s, being %s, is %s, and starts nothing', async (troubled, trouble, outcome) => {
    run(3);
    Object.assign(service, { trouble, troubled });
    const { trigger } = await open({ mode: 'replace' });
    const answered = await trigger.attempt(sampleAttempt());
    expect(answered).toMatchObject({ outcome });
    if (trouble === 'limited') expect(answered).toHaveProperty('retryAfterMs', 7_000);
    expect(service.runs).toHaveLength(1);
  });

  test('is not started where the list of runs is answered with a success that is none', async () => {
    const strange = await startService(() => ({ status: 202 }));
    const { trigger } = await open({ url: strange.url });
    expect(await trigger.attempt(sampleAttempt())).toMatchObject({ outcome: 'retry' });
    expect(strange.requests.map(({ method }) => method)).toEqual(['GET']);
    await strange.stop();
  });

  test('is not started where the list of runs makes no sense', async () => {
    for (const body of ['<html>', '{"data":{}}', '{"data":[{"id":1}]}', '{}']) {
      const strange = await startService(() => ({ status: 200, body }));
      const { trigger } = await open({ url: strange.url });
      expect(await trigger.attempt(sampleAttempt())).toMatchObject({
        outcome: 'retry',
        reason: expect.stringContaining('no list of runs'),
      });
      expect(strange.requests.map(({ method }) => method)).toEqual(['GET']);
      await strange.stop();
    }
  });
});
