import type { Attempt, AttemptOutcome, TriggerEnvironment, TriggerKind } from '@aftercommit/registry';
import { Redactor } from '@aftercommit/registry/redaction';
import { hang, ManualClock, sampleEnvironment, scriptedKind } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { compile, materialization, triggerConfig, windowOf } from '../test/delivery-bench.js';
import { type FiredTest, fireTest } from './fired-test.js';

type Given = {
  attempt?: (attempt: Attempt, environment: TriggerEnvironment) => Promise<AttemptOutcome>;
  open?: () => Promise<never>;
  close?: () => Promise<void>;
  clock?: ManualClock;
  signal?: AbortSignal;
};

type Fired = {
  result: Promise<FiredTest>;
  /** Resolves when the attempt has begun. */
  begun: Promise<void>;
  reached: Attempt[];
  warnings: string[];
  closed: number[];
};

/** One test of a kind that does what is given, and what its logger was told. */
function fired(given: Given): Fired {
  const reached: Attempt[] = [];
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const warnings: string[] = [];
  const closed: number[] = [];
  const kind: TriggerKind = {
    ...scriptedKind(),
    open: async (_config, environment) => {
      await given.open?.();
      return {
        attempt(attempt) {
          reached.push(attempt);
          begin();
          return given.attempt?.(attempt, environment) ?? Promise.resolve({ outcome: 'delivered' });
        },
        async close() {
          closed.push(1);
          await given.close?.();
        },
      };
    },
  };
  const config = { name: 'one', token: 's3cret-token', timeout: '5s', maxAttempts: 3, interval: '1h' };
  const [trigger] = compile(triggerConfig('a', config), kind);
  if (trigger === undefined) throw new Error('no trigger');
  const logger = { info: (text: string) => void warnings.push(text), warn: (text: string) => void warnings.push(text) };
  const result = fireTest({
    materialization,
    trigger,
    window: windowOf(3),
    environment: sampleEnvironment({ clock: given.clock ?? new ManualClock(), logger }),
    redactor: new Redactor(trigger.secrets),
    signal: given.signal ?? new AbortController().signal,
  });
  return { result, begun, reached, warnings, closed };
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('fireTest', () => {
  it('makes one attempt, and marks it', async () => {
    const { result, reached, closed } = fired({});
    const { idempotencyKey, ...rest } = await result;
    expect(idempotencyKey).toMatch(/^test_[0-9a-f]{32}$/);
    expect(rest).toEqual({ outcome: 'delivered', answer: null, reason: null, durationMs: 0 });
    expect(reached).toMatchObject([
      {
        idempotencyKey,
        number: 1,
        epoch: 0n,
        isTest: true,
        payload: '{"run":"2024-01-01T00:00:03.000000Z","docs":3 }',
        variables: windowOf(3),
      },
    ]);
    expect(closed).toEqual([1]);
  });

  it('says what the receiver answered, without secrets', async () => {
    const accepted = fired({ attempt: async () => ({ outcome: 'delivered', answer: 'HTTP 202, s3cret-token' }) });
    expect(await accepted.result).toMatchObject({ answer: 'HTTP 202, [redacted]', reason: null });
    const refused = fired({ attempt: async () => ({ outcome: 'retry', reason: 'busy, s3cret-token' }) });
    expect(await refused.result).toMatchObject({ outcome: 'retry', answer: null, reason: 'busy, [redacted]' });
    expect(refused.reached).toHaveLength(1);
  });

  it('ends at the deadline of the trigger', async () => {
    const clock = new ManualClock();
    const { result, begun } = fired({ attempt: hang, clock });
    await begun;
    await clock.advance(5_000);
    expect(await result).toMatchObject({
      outcome: 'retry',
      reason: 'no answer from scripted://a within 5s',
      durationMs: 5_000,
    });
  });

  it('gives up when it is stopped, and says so', async () => {
    const stop = new AbortController();
    const { result, begun, reached, closed } = fired({ attempt: hang, signal: stop.signal });
    await begun;
    stop.abort();
    expect(await result).toMatchObject({ outcome: 'retry', reason: 'it was stopped before scripted://a answered' });
    expect(reached[0]?.signal.aborted).toBe(true);
    expect(closed).toEqual([1]);
  });

  it('is stopped also while its kind opens, and then sends nothing', async () => {
    const stop = new AbortController();
    const { result, reached } = fired({ open: never, signal: stop.signal });
    stop.abort();
    expect(await result).toMatchObject({ outcome: 'retry', reason: 'it was stopped before it was sent' });
    expect(reached).toEqual([]);
  });

  it('is stopped also while its kind closes, and keeps the outcome', async () => {
    const stop = new AbortController();
    const close = (): Promise<never> => {
      stop.abort();
      return never();
    };
    expect(await fired({ close, signal: stop.signal }).result).toMatchObject({ outcome: 'delivered' });
  });

  it('says how long a kind took that did not open in time', async () => {
    const clock = new ManualClock();
    const { result } = fired({ open: never, clock });
    await clock.advance(5_000);
    expect(await result).toMatchObject({
      outcome: 'rejected',
      reason: 'Trigger "one" cannot be opened: it did not answer within 5s',
      durationMs: 5_000,
    });
  });

  it('rejects a trigger that cannot be opened', async () => {
    const { result, reached } = fired({ open: () => Promise.reject(new Error('no such key: s3cret-token')) });
    expect(await result).toMatchObject({
      outcome: 'rejected',
      reason: 'Trigger "one" cannot be opened: no such key: [redacted]',
    });
    expect(reached).toEqual([]);
  });

  it('keeps the outcome when a trigger cannot be closed, and warns', async () => {
    const { result, warnings } = fired({ close: () => Promise.reject(new Error('stuck, s3cret-token')) });
    expect(await result).toMatchObject({ outcome: 'delivered' });
    expect(warnings).toEqual(['Trigger "one" could not be closed: stuck, [redacted]']);
  });

  it('scrubs what the kind logs', async () => {
    const { result, warnings } = fired({
      attempt: async (_attempt, { logger }) => {
        logger.info('token s3cret-token');
        return { outcome: 'delivered' };
      },
    });
    await result;
    expect(warnings).toEqual(['token [redacted]']);
  });
});
