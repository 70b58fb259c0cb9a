import type { Json } from '@aftercommit/models';
import type { Random } from '@aftercommit/registry';
import { seededRandom } from '@aftercommit/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NdjsonBench, readAll } from '../../test/ndjson-bench.js';

let bench: NdjsonBench;
beforeEach(async () => {
  bench = await NdjsonBench.create();
});
afterEach(() => bench.remove());

const seeds = Array.from({ length: 10 }, (_, seed) => seed);

const below = (random: Random, limit: number) => Math.floor(random.fraction() * limit);
const oneOf = <Value>(random: Random, values: readonly [Value, ...Value[]]) =>
  values[below(random, values.length)] ?? values[0];

/** Lines of all sorts; the documents in them are numbered on from `first`. */
function randomLines(random: Random, first: number, count: number): string {
  let text = '';
  for (let id = first; id < first + count; id += 1) {
    while (random.fraction() < 0.2) text += oneOf(random, ['\n', '\r\n', ' \t\n']);
    const filling = oneOf(random, ['x', 'é', '\u{1f600}', '\\n']).repeat(below(random, 20));
    text += `{"id":${id},"filling":"${filling}"}${oneOf(random, ['\n', '\r\n', ' \n'])}`;
  }
  return text;
}

/** Cuts the line end off, sometimes. */
const unended = (random: Random, text: string) => (random.fraction() < 0.5 ? text.replace(/\s+$/, '') : text);

test.each(seeds)('gives every document once and in order from each position of seed %i', async (seed) => {
  const random = seededRandom(seed);
  const names = ['a.ndjson', 'b.ndjson', 'c.ndjson'];
  for (const [index, name] of names.entries()) {
    const bom = oneOf(random, ['', '\u{feff}']);
    await bench.write(name, bom + unended(random, randomLines(random, index * 5, 5)));
  }
  const all = Array.from({ length: 15 }, (_, id) => id);
  const read = (position: Json | undefined, limit: number) =>
    readAll(
      bench.source(['*.ndjson'], { chunkBytes: 1 + below(random, 40), pageBytes: 1 + below(random, 300) }),
      position,
      limit,
    );

  const single = await read(undefined, 1);
  expect(single.documents.map(({ id }) => id)).toEqual(all);
  expect(single.positions).toHaveLength(all.length);
  for (const [index, position] of single.positions.entries()) {
    const { documents, places } = await read(position, 1 + below(random, 10));
    expect(documents.map(({ id }) => id)).toEqual(all.slice(index + 1));
    expect(places).toEqual(single.places.slice(index + 1));
  }
});

test.each(seeds)('gives every document once over restarts while files grow, with seed %i', async (seed) => {
  const random = seededRandom(`growing ${seed}`);
  const names: readonly [string, ...string[]] = ['b.ndjson', 'a.ndjson', 'd.ndjson', 'c.ndjson'];
  const isUnended = new Set<string>();
  const seen: unknown[] = [];
  let position: Json | undefined;
  let written = 0;
  for (let round = 0; round < 12; round += 1) {
    const name = oneOf(random, names);
    const text = unended(random, randomLines(random, written, 1 + below(random, 6)));
    written += text.split('"id"').length - 1;
    await bench.append(name, (isUnended.has(name) ? '\n' : '') + text);
    if (text.endsWith('\n')) isUnended.delete(name);
    else isUnended.add(name);

    const source = bench.source(['*.ndjson'], { chunkBytes: 1 + below(random, 60) });
    const reader = await source.open(position);
    const pages = below(random, 4);
    for (let index = 0; index < pages; index += 1) {
      const page = await reader.next(1 + below(random, 4));
      if (page === undefined) break;
      seen.push(...page.documents.map(({ document }) => document['id']));
      position = JSON.parse(JSON.stringify(page.position)) as Json;
    }
    await reader.close();
  }
  seen.push(...(await readAll(bench.source(['*.ndjson']), position)).documents.map(({ id }) => id));
  expect([...seen].sort((left, right) => Number(left) - Number(right))).toEqual(
    Array.from({ length: written }, (_, id) => id),
  );
});
