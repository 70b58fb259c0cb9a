import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import type { TriggerSession } from '@aftercommit/runtime-adapter';
import { openSession, triggersFrom } from '../contenders/aftercommit.js';
import type { Bench, Benchmark } from '../measuring/bench.js';
import { elapsedMs } from '../measuring/elapsed.js';
import { quantile, spreadOf } from '../measuring/statistics.js';
import { spread, table } from '../measuring/table.js';

/** Two triggers that commits wait for, and one that is parked when it fails, whose receiver takes so long. */
type Variant = { name: string; delayMs: number };

type Round = { rate: number; arrivalMs: number };

const variants: readonly Variant[] = [
  { name: 'the parking one answers at once', delayMs: 0 },
  { name: 'it takes 2 s', delayMs: 2_000 },
];

export const slowReceiver: Benchmark = {
  name: 'slow-receiver',
  question: 'What does one slow receiver of a parking trigger cost the commits and the other triggers?',
  async run(bench) {
    const rounds = bench.isQuick ? 2 : 12;
    const sliceMs = bench.isQuick ? 300 : 1_500;
    const running = [];
    for (const variant of variants) running.push(await openVariant(bench, variant));
    const results: Round[][] = variants.map(() => []);
    for (let round = 0; round <= rounds; round += 1) {
      for (const offset of variants.keys()) {
        const place = (offset + round) % variants.length;
        const result = await running[place]?.measure(sliceMs);
        // The first round warms up.
        if (round > 0 && result !== undefined) results[place]?.push(result);
      }
    }
    for (const { close } of running) await close();
    return findingOf(results);
  },
};

async function openVariant(bench: Bench, { delayMs }: Variant) {
  const store = SqliteStore.open(join(mkdtempSync(join(bench.folder, 'slow-')), 'state.db'));
  const urlOf = (name: string) => `${bench.receiver.url}/${delayMs}/${name}`;
  const triggers = triggersFrom(0, {
    first: { url: urlOf('quick/1') },
    second: { url: urlOf('quick/2') },
    slow: { url: `${urlOf('parking')}?delay=${delayMs}`, onFailure: 'park' },
  });
  const session = await openSession(store, 0, triggers);
  await session.acknowledged();
  let number = 100_000;
  return {
    async measure(sliceMs: number): Promise<Round> {
      await bench.receiver.take({ keep: true });
      const committedAt = new Map<number, bigint>();
      const startedAt = performance.now();
      while (performance.now() - startedAt < sliceMs) {
        number += 1;
        committedAt.set(number, await transact(session, number));
      }
      const rate = committedAt.size / ((performance.now() - startedAt) / 1000);
      const { arrivals } = await bench.receiver.take();
      const others = arrivals.filter(({ path }) => path.includes(`/${delayMs}/quick`));
      const times = others.map(({ body, atNs }) => elapsedMs(committedAt.get(JSON.parse(body).bytes) ?? 0n, atNs));
      return { rate, arrivalMs: quantile(times, 0.5) };
    },
    async close() {
      await session.close();
      await store.close();
    },
  };
}

/** @returns When it was committed. */
async function transact(session: TriggerSession, number: number): Promise<bigint> {
  const transaction = session.begin();
  transaction.add(0, { bytes: number });
  await session.settled();
  const batch = session.newBatch();
  session.stage(transaction, { offset: number }, batch);
  await session.commit(batch);
  const committedAt = process.hrtime.bigint();
  await session.acknowledged();
  await session.settled();
  return committedAt;
}

function findingOf([quick = [], slow = []]: Round[][]) {
  const rate = spreadOf(slow.map((round, index) => round.rate / (quick[index]?.rate ?? Number.NaN)));
  const arrival = spreadOf(slow.map((round, index) => round.arrivalMs / (quick[index]?.arrivalMs ?? Number.NaN)));
  const rows = [quick, slow].map((rounds, place) => ({
    name: variants[place]?.name ?? '',
    rate: spreadOf(rounds.map((round) => round.rate)),
    arrivalMs: spreadOf(rounds.map((round) => round.arrivalMs)),
  }));
  const cells = rows.map((row) => [row.name, spread(row.rate), spread(row.arrivalMs)]);
  const text = [
    table(['', 'commits per second', 'the others arrive after ms'], cells),
    '',
    `Commit rate with the slow one to without: ${spread(rate)}. Latency of the others: ${spread(arrival)}.`,
  ].join('\n');
  return { text, data: { rows, rate, arrival } };
}
