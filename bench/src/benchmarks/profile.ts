import { aftercommit } from '../contenders/aftercommit.js';
import type { Contender } from '../contenders/contender.js';
import { floorWithGot } from '../contenders/floor.js';
import type { Bench, Benchmark } from '../measuring/bench.js';
import { settingOf } from '../measuring/contest.js';
import { profileParts, type Shares } from '../measuring/profile.js';
import { number, table } from '../measuring/table.js';

export const profile: Benchmark = {
  name: 'profile',
  question:
    'Where does the time of one transaction go? (A sampling profile of one task; profiling itself costs some of it.)',
  async run(bench) {
    const transactions = bench.isQuick ? 50 : 2_000;
    const ours = await profiled(bench, aftercommit, transactions);
    const floor = await profiled(bench, floorWithGot, transactions);
    const parts = [...new Set([...ours.keys(), ...floor.keys()])];
    const microsecondsOf = (shares: Shares, part: string) => (shares.get(part) ?? 0) / transactions;
    const rows = parts
      .map((part) => ({ part, oursUs: microsecondsOf(ours, part), floorUs: microsecondsOf(floor, part) }))
      .sort((a, b) => b.oursUs - a.oursUs);
    const sum = (of: 'oursUs' | 'floorUs') => rows.reduce((total, row) => total + row[of], 0);
    const cells = [
      ...rows.map(({ part, oursUs, floorUs }) => [part, number(oursUs), number(floorUs), number(oursUs - floorUs)]),
      ['all', number(sum('oursUs')), number(sum('floorUs')), number(sum('oursUs') - sum('floorUs'))],
    ];
    const text = table(['µs per transaction', 'aftercommit', 'floor + got', 'difference'], cells);
    return { text, data: { transactions, rows } };
  },
};

async function profiled(bench: Bench, contender: Contender, transactions: number): Promise<Shares> {
  const runner = await contender.open(settingOf(bench, contender, 1, 1));
  let number = 100_000;
  const work = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 1) {
      number += 1;
      await runner.run({ task: 0, number });
    }
  };
  await work(transactions / 4);
  const shares = await profileParts(() => work(transactions));
  await runner.close();
  return shares;
}
