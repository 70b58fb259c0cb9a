import assert from 'node:assert/strict';
import { WriteBatch } from '@aftercommit/persistence';
import { failure, type StoreCase } from './store-bench.js';

/** In the order of code points. UTF-16 would put the emoji before U+FFFF, and a locale would mix the letters. */
const orderedKeys = [
  '',
  '\u0000',
  ' ',
  '0',
  'A',
  'B',
  '__proto__',
  'a',
  'a\u0000',
  'a\u0000b',
  'a ',
  'a/',
  'a/\u0000',
  'a/b',
  'a/é',
  'a/\uffff',
  'a/😀',
  'a/\u{10ffff}',
  'a/\u{10ffff}z',
  'a0',
  'aB',
  'ab',
  'b',
  'x'.repeat(1024),
  'e\u0301',
  'é',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '😀',
  '😀a',
  '😁',
  '\u{10ffff}',
  '\u{10ffff}\u{10ffff}',
].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));

const prefixes = ['', 'a', 'a/', 'a0', 'a/\u{10ffff}', '\u0000', '\ud7ff', '\uffff', '😀', '\u{10ffff}', 'é', '%', '_'];

const illFormed = ['\ud800', 'a\udc00', '\ud83d/'];

/** Keys are any well-formed Unicode, in the order of code points; tasks do not see each other's. */
export const keyCases: StoreCase[] = [
  {
    title: 'keeps odd keys apart and lists them by code point',
    async run(bench) {
      const store = await bench.create();
      const session = await bench.open(store);
      const batch = new WriteBatch();
      for (const key of [...orderedKeys].reverse()) batch.put(key, key);
      await session.write(batch);
      const expected = orderedKeys.map((key) => [key, key]);
      assert.deepEqual(await session.list(''), expected);
      assert.deepEqual(await store.read('task'), expected);
      for (const key of orderedKeys) assert.equal(await session.get(key), key);
    },
  },
  {
    title: 'lists exactly the keys that begin with a prefix',
    async run(bench) {
      const session = await bench.open(await bench.create());
      const batch = new WriteBatch();
      for (const key of orderedKeys) batch.put(key, true);
      await session.write(batch);
      for (const prefix of prefixes) {
        const listed = await session.list(prefix);
        assert.deepEqual(
          listed.map(([key]) => key),
          orderedKeys.filter((key) => key.startsWith(prefix)),
          `prefix ${JSON.stringify(prefix)}`,
        );
      }
    },
  },
  {
    title: 'refuses keys and names that are not well-formed Unicode, writing nothing',
    async run(bench) {
      const store = await bench.create();
      const session = await bench.open(store);
      for (const text of illFormed) {
        const calls = [
          () => session.write(new WriteBatch().put('innocent', 1).put(text, 1)),
          () => session.write(new WriteBatch().put('innocent', 1).delete(text)),
          () => session.write(new WriteBatch().put('innocent', 1).requireAbsent(text)),
          () => session.get(text),
          () => session.list(text),
          () => store.open(text, 'owner'),
          () => store.open('task', text),
          () => store.read(text),
          () => store.request(text, 1),
        ];
        for (const call of calls) assert.ok((await failure(call())) instanceof TypeError);
      }
      assert.deepEqual(await session.list(''), []);
      assert.deepEqual(await store.tasks(), ['task']);
    },
  },
  {
    title: 'keeps tasks apart, whatever their names',
    async run(bench) {
      const store = await bench.create();
      const names = ['a', 'a/', 'a\u0000', 'a/b', 'A', '__proto__', 'constructor', '\uffff', '😀', "'; --", '%'];
      const sessions = await Promise.all(names.map((name) => bench.open(store, name)));
      for (const [index, session] of sessions.entries()) {
        await session.write(new WriteBatch().put('b', index).put('/b', index).put(`only ${index}`, index));
      }
      await sessions[0]?.write(new WriteBatch().delete('b'));
      for (const [index, session] of sessions.entries()) {
        const own = [
          ['/b', index],
          ['b', index],
          [`only ${index}`, index],
        ].filter(([key]) => index !== 0 || key !== 'b');
        assert.deepEqual(await session.list(''), own);
        assert.deepEqual(await store.read(names[index] ?? ''), own);
      }
      await bench.open(store, 'a');
      await sessions[1]?.write(new WriteBatch());
    },
  },
  {
    title: 'lists the tasks that were opened, by code point',
    async run(bench) {
      const store = await bench.create();
      assert.deepEqual(await store.tasks(), []);
      for (const name of ['😀', 'b', '\uffff', 'a', 'B', 'a']) await bench.open(store, name);
      assert.deepEqual(await store.read('never opened'), []);
      assert.deepEqual(await store.tasks(), ['B', 'a', 'b', '\uffff', '😀']);
    },
  },
];
