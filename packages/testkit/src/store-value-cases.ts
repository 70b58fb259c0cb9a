import assert from 'node:assert/strict';
import { type Json, WriteBatch } from '@aftercommit/persistence';
import type { StoreCase } from './store-bench.js';

const mebibyte = 1024 * 1024;

/** JSON that stores are known to bend: reordered fields, refused NULs, rounded numbers, merged keys. */
const oddValues: Record<string, Json> = {
  null: null,
  false: false,
  zero: 0,
  'a text of nothing': '',
  'an empty array': [],
  'an empty object': {},
  'numbers at the edge': [1e21, 0.1, 2 ** 53, -(2 ** 53), 5e-324, 1.7976931348623157e308, 1e-7],
  'a text that looks like a number': '00123.10',
  'a text with NUL, quotes and line ends': 'a\u0000b"c\\d\r\n\u2028\u2029</script>',
  'lone surrogates': ['\ud800', '\udc00 \ud83d', { '\udfff': 1 }],
  'astral text': '😀𐍈\u{10ffff}',
  'text that could be normalised': ['\u00e9', 'e\u0301', '\ufb01', '\ufeff'],
  'fields in their order': { z: 1, a: 2, '': 3, A: 4, é: 5 },
  'fields that objects are born with': JSON.parse('{"__proto__":{"a":1},"constructor":2,"toString":null}'),
  'nested arrays': Array.from({ length: 1000 }).reduce<Json>((inner) => [inner], 'deep'),
  '1 MiB of ASCII': 'x'.repeat(mebibyte),
  '1 MiB of other letters': 'é'.repeat(mebibyte / 2),
};

/** Values come back byte for byte, as copies. */
export const valueCases: StoreCase[] = [
  ...Object.entries(oddValues).map(
    ([name, value]): StoreCase => ({
      title: `keeps ${name}`,
      async run(bench) {
        const store = await bench.create();
        const session = await bench.open(store);
        await session.write(new WriteBatch().put('key', value));
        assertSame(await session.get('key'), value);
        assertSame(await session.list('key'), [['key', value]]);
        assertSame(await store.read('task'), [['key', value]]);
      },
    }),
  ),
  {
    title: 'keeps odd values over a reopen',
    needs: 'reopen',
    async run(bench) {
      const store = await bench.create();
      const session = await bench.open(store);
      const batch = new WriteBatch();
      for (const [name, value] of Object.entries(oddValues)) batch.put(name, value);
      await session.write(batch);
      const reopened = await bench.reopen(store);
      const kept = await reopened.read('task');
      assert.equal(kept.length, Object.keys(oddValues).length);
      for (const [name, value] of kept) assertSame(value, oddValues[name]);
    },
  },
  {
    title: 'tells a stored null from no value',
    async run(bench) {
      const session = await bench.open(await bench.create());
      await session.write(new WriteBatch().put('null', null));
      assert.equal(await session.get('null'), null);
      assert.equal(await session.get('nothing'), undefined);
    },
  },
  {
    title: 'gives and takes copies of values',
    async run(bench) {
      const store = await bench.create();
      const session = await bench.open(store);
      const written = { list: [1] };
      await session.write(new WriteBatch().put('key', written));
      written.list.push(2);
      const [[, listed] = []] = await session.list('key');
      const [[, read] = []] = await store.read('task');
      for (const copy of [await session.get('key'), listed, read]) {
        assert.deepEqual(copy, { list: [1] });
        (copy as typeof written).list.push(3);
      }
      assert.deepEqual(await session.get('key'), { list: [1] });
    },
  },
];

/** The same JSON text: `deepEqual` would forgive fields in another order. */
function assertSame(actual: unknown, expected: unknown): void {
  assert.ok(JSON.stringify(actual) === JSON.stringify(expected), 'the value came back changed');
}
