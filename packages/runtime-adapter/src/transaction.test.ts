import { readFileSync } from 'node:fs';
import { clockFromUnix, formatDocumentUuid, type Window } from '@aftercommit/models';
import { describe, expect, it } from 'vitest';
import { type BindingStats, Transaction, windowFromStats } from './transaction.js';

type TransactionVector = Partial<Window> & {
  materialization?: string;
  connectorImage?: string;
  runId?: string;
  bindings: Array<{ collection: string; docs: number; firstUnix: number | null; lastUnix: number | null }>;
  variables?: Partial<Window> | null;
  why?: string;
};

const vectors: { transactions: TransactionVector[] } = JSON.parse(
  readFileSync(new URL('../../models/vectors/variables.json', import.meta.url), 'utf8'),
);

const subject = { materialization: 'acmeCo/orders', connectorImage: '', runId: '2024-01-01T00:00:00.000000Z' };

function statsOf(overrides: Partial<BindingStats> = {}): BindingStats {
  return { collection: 'acmeCo/a', resourcePath: ['a'], docs: 1, bytes: 10, clocks: undefined, ...overrides };
}

function uuidAt(seconds: number, counter = 0n): string {
  return formatDocumentUuid({ clock: clockFromUnix(seconds, 0) | counter, flags: 0, producer: '010203040506' });
}

describe('windowFromStats', () => {
  it.each(vectors.transactions)('gives the variables of the reference system: %j', (vector) => {
    const { materialization, connectorImage, runId, bindings, variables, why: _why, ...listed } = vector;
    const window = windowFromStats(
      {
        materialization: materialization ?? subject.materialization,
        connectorImage: connectorImage ?? subject.connectorImage,
        runId: runId ?? subject.runId,
      },
      bindings.map(({ collection, docs, firstUnix, lastUnix }) =>
        statsOf({
          collection,
          docs,
          clocks:
            firstUnix === null || lastUnix === null
              ? undefined
              : { min: clockFromUnix(firstUnix, 0), max: clockFromUnix(lastUnix, 0) },
        }),
      ),
    );

    if (variables === null) expect(window).toBeUndefined();
    else expect(window).toMatchObject({ ...listed, ...variables });
  });

  it('counts every document and byte, and names only what contributed', () => {
    const window = windowFromStats(subject, [
      statsOf({ collection: 'b', resourcePath: ['public', 'b'], docs: 2, bytes: 20 }),
      statsOf({ collection: 'a', resourcePath: ['a'], docs: 3, bytes: 7 }),
      statsOf({ collection: 'quiet', resourcePath: ['quiet'], docs: 0, bytes: 0 }),
    ]);
    expect(window).toMatchObject({
      collection_names: ['a', 'b'],
      resource_paths: [['a'], ['public', 'b']],
      docs_total: 5,
      bytes_total: 27,
    });
  });

  it('has no window when bindings had no documents', () => {
    expect(windowFromStats(subject, [statsOf({ docs: 0, bytes: 0 })])).toBeUndefined();
  });

  it('names a collection once, and each of the resources that it went to', () => {
    const window = windowFromStats(subject, [statsOf({ resourcePath: ['b'] }), statsOf({ resourcePath: ['a'] })]);
    expect(window).toMatchObject({ collection_names: ['acmeCo/a'], resource_paths: [['a'], ['b']] });
  });

  it('takes the clocks of those bindings that have some, counters included', () => {
    const clock = clockFromUnix(20, 500_000_000);
    const window = windowFromStats(subject, [
      statsOf(),
      statsOf({ clocks: { min: clock, max: clock | 3n } }),
      statsOf({ clocks: { min: clockFromUnix(20, 0), max: clockFromUnix(20, 0) } }),
    ]);
    expect(window).toMatchObject({
      flow_published_at_min: '1970-01-01T00:00:20Z',
      flow_published_at_max: '1970-01-01T00:00:20.500000012Z',
    });
  });
});

describe('Transaction', () => {
  const bindings = [
    { collection: 'a', resourcePath: ['a'] },
    { collection: 'b', resourcePath: ['b'] },
  ];

  it('has no window before its first document', () => {
    const transaction = new Transaction('transaction-1', subject, bindings);
    expect(transaction.runId).toBe(subject.runId);
    expect(transaction.window).toBeUndefined();
  });

  it('follows the earliest and latest clock, in whatever order documents come', () => {
    const transaction = new Transaction('transaction-1', subject, bindings);
    for (const seconds of [5, 2, 9, 7]) transaction.add(0, { bytes: 3, uuid: uuidAt(seconds) });
    transaction.add(1, { bytes: 1, uuid: uuidAt(9, 15n) });

    expect(transaction.window).toEqual({
      materialization_name: 'acmeCo/orders',
      connector_image: '',
      collection_names: ['a', 'b'],
      resource_paths: [['a'], ['b']],
      flow_published_at_min: '1970-01-01T00:00:02Z',
      flow_published_at_max: '1970-01-01T00:00:09.00000006Z',
      run_id: subject.runId,
      docs_total: 5,
      bytes_total: 13,
    });
  });

  it.each([
    ['none', undefined],
    ['one that is no UUID', 'not-a-uuid'],
    ['one of another version', '3f2b8c9e-6a41-4c1d-9b7e-2f1a6c5d4e3b'],
  ])('counts a document whose UUID is %s, without a clock', (_what, uuid) => {
    const transaction = new Transaction('transaction-1', subject, bindings);
    transaction.add(0, { bytes: 4, uuid });
    expect(transaction.window).toMatchObject({ flow_published_at_min: '', flow_published_at_max: '', docs_total: 1 });
    transaction.add(0, { bytes: 4, uuid: uuidAt(3) });
    expect(transaction.window).toMatchObject({ flow_published_at_min: '1970-01-01T00:00:03Z', docs_total: 2 });
  });

  it.each([2, -1])('refuses a document of binding %d, which the session was not opened with', (binding) => {
    const transaction = new Transaction('transaction-1', subject, bindings);
    expect(() => transaction.add(binding, { bytes: 1 })).toThrow(
      `There is no binding ${binding}: the session was opened with 2.`,
    );
    expect(transaction.window).toBeUndefined();
  });

  it.each([Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY])('refuses a document of %d bytes', (bytes) => {
    const transaction = new Transaction('transaction-1', subject, bindings);
    expect(() => transaction.add(0, { bytes })).toThrow('must be a whole number of bytes');
    expect(transaction.window).toBeUndefined();
  });

  it('shares no counts with another transaction of the same bindings', () => {
    const first = new Transaction('transaction-1', subject, bindings);
    const second = new Transaction('transaction-1', subject, bindings);
    first.add(0, { bytes: 1 });
    expect(second.window).toBeUndefined();
  });
});
