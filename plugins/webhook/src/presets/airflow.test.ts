import { sampleAttempt } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPreset } from '../../test/presets/open-preset.js';
import { type AirflowService, startAirflow } from '../../test/services/airflow-service.js';
import { startService } from '../../test/services/service.js';
import { airflow } from './airflow.js';

const idempotencyKey = 'msg_00000000000000000000000000000001';

describe('a run of a dag', () => {
  let service: AirflowService;
  beforeAll(async () => {
    service = await startAirflow();
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    service.trouble = undefined;
    service.runs.splice(0);
  });
  const versions = [
    { apiVersion: 'v2' as const, token: 's3cret-jwt' },
    { apiVersion: 'v1' as const, user: 'loader', password: 's3cret' },
  ];

  test.each(versions)('of API $apiVersion has the idempotency key as its id, and is started once', async (config) => {
    const { trigger, payload } = await openPreset(airflow, { url: `${service.url}/`, dag: 'nightly', ...config });
    const attempt = sampleAttempt({ idempotencyKey, payload });
    expect(await trigger.attempt(attempt)).toEqual({ outcome: 'delivered' });
    expect(await trigger.attempt({ ...attempt, number: 2, epoch: 2n })).toEqual({ outcome: 'delivered' });
    expect(service.runs).toEqual([idempotencyKey]);
    expect(JSON.parse(service.requests.at(-1)?.body ?? '').conf).toMatchObject({ collections: ['acme/orders'] });
  });

  test.each([
    ['expired', 'rejected'],
    ['forbidden', 'rejected'],
    ['down', 'retry'],
  ] as const)('that meets %s is %s', async (trouble, outcome) => {
    service.trouble = trouble;
    const { trigger } = await openPreset(airflow, { url: service.url, dag: 'nightly', token: 's3cret-jwt' });
    expect(await trigger.attempt(sampleAttempt())).toMatchObject({ outcome });
  });

  test('is rejected for a dag that is not there, and for a payload that is no object', async () => {
    const other = await openPreset(airflow, { url: service.url, dag: 'daily', token: 's3cret-jwt' });
    expect(await other.trigger.attempt(sampleAttempt())).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringContaining('The Dag was not found'),
    });
    const { trigger } = await openPreset(airflow, { url: service.url, dag: 'nightly', token: 's3cret-jwt' });
    expect(await trigger.attempt(sampleAttempt({ payload: '[1]' }))).toMatchObject({ outcome: 'rejected' });
    expect(service.runs).toEqual([]);
  });

  test.each([
    [`DAGRun with DAG ID: 'nightly' and DAGRun ID: '${idempotencyKey}' already exists`, 'delivered'],
    [
      `DAGRun with DAGRun ID: '${idempotencyKey}' and logical date: '2024-06-15T12:30:00+00:00' already exists`,
      'delivered',
    ],
    ["DAGRun with DAG ID: 'nightly' and DAGRun logical date: '2024-06-15T12:30:00+00:00' already exists", 'retry'],
  ])('of Airflow 2 that conflicts (%s) is %s', async (detail, outcome) => {
    const conflicting = await startService(() => ({ status: 409, body: { detail, status: 409, title: 'Conflict' } }));
    const config = { url: conflicting.url, dag: 'nightly', apiVersion: 'v1' as const, user: 'loader', password: 's' };
    const { trigger } = await openPreset(airflow, config);
    expect(await trigger.attempt(sampleAttempt({ idempotencyKey }))).toMatchObject({ outcome });
    await conflicting.stop();
  });
});
