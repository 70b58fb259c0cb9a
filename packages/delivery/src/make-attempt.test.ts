import type { Window } from '@aftercommit/models';
import { StoreError } from '@aftercommit/persistence';
import type { Attempt, AttemptOutcome, Trigger } from '@aftercommit/registry';
import { Redactor } from '@aftercommit/registry/redaction';
import { hang, ManualClock } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { compile, triggerConfig, windowOf } from '../test/delivery-bench.js';
import { makeAttempt } from './make-attempt.js';

type Given = {
  attempt?: (attempt: Attempt) => unknown;
  template?: string;
  window?: Window;
  clock?: ManualClock;
  lost?: AbortSignal;
  secrets?: string[];
  traceparent?: string;
};

/** One attempt of a kind that does what the test says; also what no typed kind could do. */
function attempted(given: Given): { outcome: Promise<AttemptOutcome>; reached: Attempt[] } {
  const reached: Attempt[] = [];
  const [trigger] = compile(
    triggerConfig('a', { timeout: '5s', payloadTemplate: given.template ?? '{"run":"{{run_id}}"}' }),
  );
  if (trigger === undefined) throw new Error('no trigger');
  const opened = {
    attempt(attempt: Attempt) {
      reached.push(attempt);
      return given.attempt?.(attempt) ?? { outcome: 'delivered' };
    },
  } as unknown as Trigger;
  const outcome = makeAttempt({
    trigger,
    opened,
    idempotencyKey: 'msg_1',
    window: given.window ?? windowOf(3),
    number: 2,
    epoch: 7n,
    clock: given.clock ?? new ManualClock(),
    redactor: new Redactor(given.secrets ?? []),
    lost: given.lost ?? new AbortController().signal,
    traceparent: given.traceparent,
  });
  return { outcome, reached };
}

const unreadable = Object.defineProperty(new Error(), 'message', {
  get: () => {
    throw new Error('s3cret');
  },
});

describe('one attempt', () => {
  it('hands the kind everything the contract names', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { outcome, reached } = attempted({ traceparent });
    expect(await outcome).toEqual({ outcome: 'delivered' });
    const { signal, ...rest } = reached[0] ?? {};
    expect(rest).toEqual({
      idempotencyKey: 'msg_1',
      number: 2,
      payload: '{"run":"2024-01-01T00:00:03.000000Z"}',
      variables: windowOf(3),
      epoch: 7n,
      deadlineAt: Date.UTC(2024, 0, 1) + 5_000,
      traceparent,
    });
    expect(signal).toBeInstanceOf(AbortSignal);
  });

  it.each<AttemptOutcome>([
    { outcome: 'delivered' },
    { outcome: 'retry', reason: 'HTTP 503' },
    { outcome: 'retry', reason: 'HTTP 429', retryAfterMs: 9_000 },
    { outcome: 'rejected', reason: 'HTTP 400' },
  ])('ends as the kind says: %j', async (answer) => {
    expect(await attempted({ attempt: async () => answer }).outcome).toEqual(answer);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('ECONNRESET')), 'ECONNRESET'],
    [
      'throws',
      () => {
        throw new Error('at once');
      },
      'at once',
    ],
    ['rejects with a text', () => Promise.reject('no error'), 'no error'],
    ['rejects with nothing', () => Promise.reject(undefined), 'undefined'],
    ['rejects with an error without words', () => Promise.reject(new AggregateError([])), 'AggregateError'],
    [
      'rejects with an error that cannot be read',
      () => Promise.reject(unreadable),
      expect.stringContaining('cannot be read'),
    ],
    ['rejects with what has no text', () => Promise.reject(Object.create(null)), expect.any(String)],
  ])('is tried again when the kind %s', async (_what, attempt, reason) => {
    expect(await attempted({ attempt }).outcome).toEqual({ outcome: 'retry', reason });
  });

  it.each([
    ['nothing', null],
    ['a text', 'delivered'],
    ['an unknown outcome', { outcome: 'done' }],
    ['no reason', { outcome: 'retry' }],
    ['a reason that has no text', { outcome: 'rejected', reason: Object.create(null) }],
    ['a reason that is no text', { outcome: 'retry', reason: 503 }],
  ])('is tried again when the kind answers %s', async (_what, answer) => {
    expect(await attempted({ attempt: async () => answer }).outcome).toEqual({
      outcome: 'retry',
      reason: 'trigger kind "scripted" did not say how the attempt went',
    });
  });

  it.each([
    ['NaN', Number.NaN],
    ['a text', '9'],
    ['a negative number', -1],
    ['null', null],
  ])('does not wait for what the kind cannot mean: %s', async (_what, retryAfterMs) => {
    const answer = { outcome: 'retry', reason: 'HTTP 503', retryAfterMs };
    expect(await attempted({ attempt: async () => answer }).outcome).toEqual({ outcome: 'retry', reason: 'HTTP 503' });
  });

  it('keeps nothing of an answer beyond what the contract names', async () => {
    const answer = { outcome: 'delivered', reason: 's3cret', body: 's3cret' };
    expect(await attempted({ attempt: async () => answer }).outcome).toEqual({ outcome: 'delivered' });
  });

  it.each([
    ['answers', async () => ({ outcome: 'retry', reason: 'echoed s3cret-token' })],
    ['refuses', async () => ({ outcome: 'rejected', reason: 'echoed s3cret-token' })],
    ['throws', () => Promise.reject(new Error('echoed s3cret-token'))],
  ])('says no secret when a kind %s with one', async (_what, attempt) => {
    expect(await attempted({ attempt, secrets: ['Bearer s3cret-token'] }).outcome).toMatchObject({
      reason: 'echoed [redacted]',
    });
  });

  it('shows a kind a window of its own: what it changes there changes no later attempt', async () => {
    const window = windowOf(3);
    const { outcome, reached } = attempted({
      window,
      attempt: ({ variables }) => {
        variables.collection_names.push('mine');
        return { outcome: 'delivered' };
      },
    });
    await outcome;
    expect(reached[0]?.variables.collection_names).toEqual(['acme/orders', 'mine']);
    expect(window).toEqual(windowOf(3));
  });
});

describe('a payload', () => {
  it.each([
    ['cannot be rendered', '{{lookup collection_names docs_total}}'],
    ['is no JSON', 's3cret'],
  ])('that %s is rejected and sent to nobody', async (_what, rare) => {
    const template = `{"x":{{#if (eq docs_total 4321)}}${rare}{{else}}1{{/if}} }`;
    const { outcome, reached } = attempted({ template, window: windowOf(3, { docs_total: 4321 }) });
    const answer = await outcome;
    expect(answer).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringMatching(/^the payload could not be made: /),
    });
    expect(JSON.stringify(answer)).not.toContain('s3cret');
    expect(reached).toEqual([]);
  });
});

describe('the deadline', () => {
  it('ends an attempt that does not end, and tells the kind', async () => {
    const clock = new ManualClock();
    const { outcome, reached } = attempted({ clock, attempt: () => new Promise(() => undefined) });
    await clock.advance(4_999);
    expect(reached[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await outcome).toEqual({ outcome: 'retry', reason: 'no answer from scripted://a within 5s' });
    expect(reached[0]?.signal.aborted).toBe(true);
  });

  it('decides for a kind that gives up when it is told', async () => {
    const clock = new ManualClock();
    const { outcome } = attempted({ clock, attempt: hang });
    await clock.advance(5_000);
    expect(await outcome).toMatchObject({ outcome: 'retry' });
  });

  it('is not announced to a kind that has answered, and leaves nobody asleep', async () => {
    const clock = new ManualClock();
    const { outcome, reached } = attempted({ clock });
    await outcome;
    await clock.advance(0);
    expect(reached[0]?.signal.aborted).toBe(false);
    expect(clock.sleepers).toEqual([]);
  });
});

describe('a lost session', () => {
  it('gives its attempt up at once, also when the kind does not', async () => {
    const clock = new ManualClock();
    const session = new AbortController();
    const { outcome, reached } = attempted({
      clock,
      lost: session.signal,
      attempt: () => new Promise(() => undefined),
    });
    await clock.advance(10);
    session.abort(new StoreError('STORE_FENCED', 'gone'));
    expect(await outcome).toEqual({ outcome: 'retry', reason: 'the session was lost during the attempt' });
    expect(reached[0]?.signal.aborted).toBe(true);
    await clock.advance(0);
    expect(clock.sleepers).toEqual([]);
  });
});
