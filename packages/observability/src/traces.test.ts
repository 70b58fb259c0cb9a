import { readFileSync } from 'node:fs';
import { context, SpanStatusCode, trace as traces } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { materialization, SessionBench, triggerConfig } from '../../runtime-adapter/test/session-bench.js';
import { TelemetryBench } from '../test/telemetry-bench.js';
import { observeWithOpenTelemetry } from './index.js';
import { version } from './version.js';

const ofTask = { 'aftercommit.materialization': materialization };
const unavailable = { outcome: 'retry', reason: 'HTTP 503' } as const;
const refused = { outcome: 'rejected', reason: 'HTTP 400' } as const;

describe('a trace', () => {
  const manager = new AsyncLocalStorageContextManager();
  beforeAll(() => void context.setGlobalContextManager(manager.enable()));
  afterAll(() => context.disable());

  it('has attempts in their delivery, and a link from that to its transaction', async () => {
    const telemetry = new TelemetryBench();
    const { bench } = telemetry;
    bench.kind.respond('a', [unavailable, { outcome: 'delivered' }]);
    const session = await bench.open(['a'], telemetry.given);
    const runId = await bench.transact(session, 2);
    await bench.acknowledge(session);
    await bench.clock.advance(1_000);
    await session.close();
    const { spans } = telemetry;
    expect(spans.map(({ name }) => name)).toEqual([
      `commit ${materialization}`,
      `transaction ${materialization}`,
      'attempt a',
      'attempt a',
      'deliver a',
    ]);
    const [commit, transaction, first, second, delivery] = spans;
    expect(parentOf(commit)).toBe(idOf(transaction));
    expect(transaction?.attributes).toEqual({
      ...ofTask,
      'aftercommit.run_id': runId,
      'aftercommit.docs': 2,
      'aftercommit.bytes': 20,
    });
    expect([parentOf(first), parentOf(second)]).toEqual([idOf(delivery), idOf(delivery)]);
    expect(delivery?.links.map((link) => link.context.spanId)).toEqual([idOf(transaction)]);
    expect(delivery?.attributes).toEqual({
      ...ofTask,
      'aftercommit.trigger': 'a',
      'aftercommit.kind': 'scripted',
      'aftercommit.target': expect.any(String),
      'aftercommit.run_id': runId,
      'aftercommit.idempotency_key': bench.kind.attempts[0]?.idempotencyKey,
      'aftercommit.outcome': 'delivered',
    });
    expect(first?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'HTTP 503' });
    expect(first?.attributes).toMatchObject({ 'aftercommit.attempt': 1, 'aftercommit.outcome': 'retry' });
    expect(second?.attributes).toMatchObject({ 'aftercommit.attempt': 2, 'aftercommit.outcome': 'delivered' });
    expect(delivery?.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('is told to the receiver, as the attempt that it is', async () => {
    const { bench, given, spanOf } = new TelemetryBench();
    const session = await bench.open(['a'], given);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await session.close();
    const { traceId, spanId } = spanOf('attempt a').spanContext();
    expect(bench.kind.attempts[0]?.traceparent).toBe(`00-${traceId}-${spanId}-01`);
  });

  it('has what a kind does in its attempt', async () => {
    const { bench, given, tracer, spanOf } = new TelemetryBench();
    bench.kind.respond('a', [
      async () => {
        tracer.startSpan('POST').end();
        return { outcome: 'delivered' };
      },
    ]);
    const session = await bench.open(['a'], given);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await session.close();
    expect(parentOf(spanOf('POST'))).toBe(idOf(spanOf('attempt a')));
  });

  it("is the host's own, if it has one", async () => {
    const telemetry = new TelemetryBench();
    const { bench, given, tracer } = telemetry;
    const own = tracer.startSpan('pipeline');
    await context.with(traces.setSpan(context.active(), own), async () => {
      const session = await bench.open(['a'], given);
      await bench.transact(session, 1);
      await bench.acknowledge(session);
      await session.close();
    });
    const ids = telemetry.spans.map((span) => span.spanContext().traceId);
    expect(ids).toEqual(ids.map(() => own.spanContext().traceId));
  });

  it('says of a parked delivery that it is, and why', async () => {
    const { bench, given, spanOf } = new TelemetryBench();
    bench.kind.respond('a', [refused]);
    const session = await bench.open([{ ...triggerConfig('a'), onFailure: 'park' }], given);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await session.close();
    const { attributes, status } = spanOf('deliver a');
    expect(attributes).toMatchObject({ 'aftercommit.outcome': 'parked' });
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'HTTP 400' });
  });

  it('ends with the session, and says what that left', async () => {
    const { bench, given, spanOf } = new TelemetryBench();
    bench.kind.respond('a', [refused]);
    const session = await bench.open(['a'], given);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await expect(session.close()).rejects.toThrow('HTTP 400');
    const { attributes, status } = spanOf('deliver a');
    expect(attributes).toMatchObject({ 'aftercommit.outcome': 'left', 'error.type': 'DELIVERY_REJECTED' });
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'HTTP 400' });
  });

  it('quotes no secret, and neither do metrics (I8)', async () => {
    const telemetry = new TelemetryBench();
    const { bench } = telemetry;
    bench.kind.respond('a', [{ outcome: 'retry', reason: 'unknown: s3cret' }, { outcome: 'delivered' }]);
    const session = await bench.open([triggerConfig('a', { token: 's3cret' })], telemetry.given);
    await bench.transact(session, 1);
    await bench.acknowledge(session);
    await bench.clock.advance(1_000);
    await session.close();
    expect(telemetry.spanOf('attempt a').status.message).toBe('unknown: [redacted]');
    expect(await telemetry.everything()).not.toContain('s3cret');
  });
});

test('without an SDK nothing is recorded, and no receiver is told of a trace', async () => {
  const bench = new SessionBench();
  const session = await bench.open(['a'], observeWithOpenTelemetry());
  await bench.transact(session, 1);
  await bench.acknowledge(session);
  await session.close();
  expect(bench.kind.attempts.map(({ traceparent }) => traceparent)).toEqual([undefined]);
});

test('the version is that of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(version).toBe(manifest.version);
});

function idOf(span: ReadableSpan | undefined): string | undefined {
  return span?.spanContext().spanId;
}

function parentOf(span: ReadableSpan | undefined): string | undefined {
  return span?.parentSpanContext?.spanId;
}
