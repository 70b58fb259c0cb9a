import { sampleAttempt } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPreset } from '../../test/presets/open-preset.js';
import { type SlackService, startSlack } from '../../test/services/slack-service.js';
import { slack } from './slack.js';

describe('a message to Slack', () => {
  let service: SlackService;
  beforeAll(async () => {
    service = await startSlack();
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    service.trouble = undefined;
  });

  test('is posted as it stands, and delivered when Slack says ok', async () => {
    const { trigger, payload } = await openPreset(slack, { secretUrl: service.webhookUrl });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(await trigger.attempt(sampleAttempt({ payload, traceparent }))).toEqual({ outcome: 'delivered' });
    expect(service.requests.at(-1)?.headers).toMatchObject({ traceparent });
    expect(service.requests.at(-1)?.body).toBe(
      '{"text":"acme/orders: 3 documents committed, run 2024-06-15T12:30:00.000000Z"}',
    );
  });

  test('of a test says so before its text', async () => {
    const { trigger, payload } = await openPreset(slack, { secretUrl: service.webhookUrl });
    expect(await trigger.attempt(sampleAttempt({ payload, isTest: true }))).toMatchObject({ outcome: 'delivered' });
    expect(service.requests.at(-1)?.headers).toMatchObject({ 'aftercommit-test': 'true' });
    expect(service.requests.at(-1)?.body).toBe(
      '{"text":"[test] acme/orders: 3 documents committed, run 2024-06-15T12:30:00.000000Z"}',
    );
  });

  test.each([
    ['limited', { outcome: 'retry', retryAfterMs: 30_000, reason: '"rate_limited"' }],
    ['down', { outcome: 'retry', reason: '"rollup_error"' }],
    ['archived', { outcome: 'rejected', reason: '"channel_is_archived"' }],
    ['prohibited', { outcome: 'rejected', reason: '"action_prohibited"' }],
  ] as const)('of a workspace where it is %s ends as that says', async (trouble, { reason, ...expected }) => {
    service.trouble = trouble;
    const { trigger, payload } = await openPreset(slack, { secretUrl: service.webhookUrl });
    const outcome = await trigger.attempt(sampleAttempt({ payload }));
    expect(outcome).toMatchObject(expected);
    expect(outcome).toHaveProperty('reason', expect.stringContaining(reason));
  });

  test('is rejected when the webhook is gone, or when it says nothing', async () => {
    const gone = await openPreset(slack, { secretUrl: `${service.url}/services/T0/B0/gone` });
    expect(await gone.trigger.attempt(sampleAttempt())).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringContaining('no_service'),
    });
    const { trigger } = await openPreset(slack, { secretUrl: service.webhookUrl });
    const empty = await trigger.attempt(sampleAttempt({ payload: '{"txet":"a"}' }));
    expect(empty).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining('no_text') });
  });
});
