import { sampleAttempt } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clockAt } from '../../test/presets/clock-at.js';
import { openPreset } from '../../test/presets/open-preset.js';
import { type GithubService, startGithub } from '../../test/services/github-service.js';
import { githubDispatch } from './github-dispatch.js';

describe('an event of GitHub', () => {
  let service: GithubService;
  const config = { repository: 'acme/analytics', eventType: 'committed', token: 'github_pat_s3cret' };
  beforeAll(async () => {
    service = await startGithub();
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    service.trouble = undefined;
  });
  const open = (changed: Partial<typeof config> = {}) =>
    openPreset(githubDispatch, { ...config, url: service.url, ...changed }, { clock: clockAt(1_718_452_800_000) });

  test('has the payload as its client_payload', async () => {
    const { trigger, payload } = await open();
    expect(await trigger.attempt(sampleAttempt({ payload }))).toEqual({ outcome: 'delivered' });
    expect(JSON.parse(service.requests.at(-1)?.body ?? '')).toEqual({
      event_type: 'committed',
      client_payload: {
        materialization: 'acme/orders',
        collections: ['acme/orders'],
        docs_total: 3,
        run_id: '2024-06-15T12:30:00.000000Z',
      },
    });
  });

  test('of a test says so in its client_payload', async () => {
    const { trigger } = await open();
    const payload = '{"run":12345678901234567890}';
    expect(await trigger.attempt(sampleAttempt({ payload, isTest: true }))).toMatchObject({ outcome: 'delivered' });
    expect(service.requests.at(-1)?.body).toBe(
      '{"event_type":"committed","client_payload":{"aftercommit_test":true,"run":12345678901234567890}}',
    );
  });

  test.each([
    ['primary-limit', { outcome: 'retry', retryAfterMs: 30_000 }],
    ['secondary-limit', { outcome: 'retry', retryAfterMs: 60_000 }],
    ['forbidden', { outcome: 'rejected' }],
    ['down', { outcome: 'retry' }],
  ] as const)('that meets %s ends as its headers say', async (trouble, expected) => {
    service.trouble = trouble;
    const { trigger } = await open();
    expect(await trigger.attempt(sampleAttempt())).toMatchObject(expected);
  });

  test('is rejected for a repository that the token does not see, a wrong token, and a payload GitHub does not take', async () => {
    const elsewhere = await open({ repository: 'acme/other' });
    expect(await elsewhere.trigger.attempt(sampleAttempt())).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringContaining('HTTP 404'),
    });
    const stranger = await open({ token: 'wrong' });
    expect(await stranger.trigger.attempt(sampleAttempt())).toMatchObject({ outcome: 'rejected' });
    const { trigger } = await open();
    const eleven = JSON.stringify(
      Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`field${index}`, index])),
    );
    expect(await trigger.attempt(sampleAttempt({ payload: eleven }))).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringContaining('No more than 10 properties'),
    });
  });

  test('goes to the API of an Enterprise Server, below its path', async () => {
    const { trigger } = await open();
    await trigger.attempt(sampleAttempt());
    expect(service.requests.at(-1)?.path).toBe('/repos/acme/analytics/dispatches');
    const below = await openPreset(githubDispatch, { ...config, url: `${service.url}/api/v3/` });
    await below.trigger.attempt(sampleAttempt());
    expect(service.requests.at(-1)?.path).toBe('/api/v3/repos/acme/analytics/dispatches');
  });
});
