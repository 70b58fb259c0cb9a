import { peers } from '../contenders/everyone.js';
import type { Finding } from '../measuring/bench.js';
import { ratios, type Score } from '../measuring/contest.js';
import { spreadOf } from '../measuring/statistics.js';
import { number, spread, table } from '../measuring/table.js';

const ours = 'aftercommit';

/** Ratios of ours to everybody first, then what each did. */
export function contestFinding(scores: readonly Score[]): Finding {
  const rows = scores.map(({ contender, rates }) => {
    const rate = spreadOf(rates);
    const ratio = ratios(scores, ours, contender.name);
    return {
      name: contender.name,
      rate,
      ratio,
      cells: [contender.name, ratio === undefined ? '–' : spread(ratio), spread(rate, 3), number(1000 / rate.median)],
    };
  });
  const best = peers
    .flatMap(({ name }) => rows.find((row) => row.name === name) ?? [])
    .sort((a, b) => b.rate.median - a.rate.median)[0];
  const bestText =
    best?.ratio === undefined
      ? 'No peer could run here.'
      : `Best peer: ${best.name}; aftercommit does ${spread(best.ratio)} times as much.`;
  const head = ['contender', 'aftercommit does … times as much', 'transactions per second', 'ms each, per process'];
  const text = [
    table(
      head,
      rows.map(({ cells }) => cells),
    ),
    '',
    bestText,
  ].join('\n');
  return { text, data: { rows: rows.map(({ name, rate, ratio }) => ({ name, rate, ratio })), best: best?.name } };
}
