import type { BindingKey, LoadedDocument, StoreDocument } from '@aftercommit/runtime-adapter';
import { type ConnectorCase, failure, someTurns } from './connector-bench.js';
import { assertAnswers, compound, compoundDocument, keysOf, plain, plainDocument } from './connector-documents.js';
import { asynchronous, type ConnectorSession } from './connector-session.js';

/** What load answers, and when. */
export const loadCases: ConnectorCase[] = [
  {
    title: 'answers what is stored, each once, and leaves out what is not',
    async run(bench) {
      const stored = [plainDocument(1, { v: 1 }), plainDocument(2), compoundDocument('a', 1)];
      await bench.write(stored);
      const unknown = [plainDocument(3), plainDocument(-1), compoundDocument('a', 2), compoundDocument('b', 1)];
      const session = await bench.open();
      assertAnswers(await session.lookUp(keysOf([...unknown, ...stored])), stored);
    },
  },
  {
    title: 'answers once what is asked for twice',
    async run(bench) {
      const stored = [plainDocument(1), compoundDocument('a', 1)];
      await bench.write(stored);
      assertAnswers(await (await bench.open()).lookUp(keysOf([...stored, plainDocument(2), ...stored])), stored);
    },
  },
  {
    title: 'answers nothing on a fresh endpoint, and nothing when no key comes',
    async run(bench) {
      const fresh = await bench.open();
      assertAnswers(await fresh.lookUp(keysOf([plainDocument(1), compoundDocument('a', 1)])), []);
      await fresh.storeLoaded([plainDocument(1)]);
      bench.keep(await fresh.startCommit());
      assertAnswers(await fresh.lookUp([]), []);
    },
  },
  {
    title: 'answers the keys of each binding from its own rows',
    async run(bench) {
      const [here, there] = [plainDocument(1, { v: 'plain' }), compoundDocument('a', 1, { v: 'compound' })];
      await bench.write([here, there, plainDocument(2), compoundDocument('a', 3)]);
      const keys = [plainDocument(1), compoundDocument('a', 1), compoundDocument('a', 2), plainDocument(3)];
      assertAnswers(await (await bench.open()).lookUp(keysOf(keys)), [here, there]);
    },
  },
  {
    title: 'answers in every transaction of a session what the ones before it stored',
    async run(bench) {
      const session = await bench.open();
      for (let v = 1; v <= 4; v += 1) {
        const before = v === 1 ? [] : [plainDocument(1, { v: v - 1 })];
        assertAnswers(await session.lookUp(keysOf([plainDocument(1)])), before);
        await session.storeLoaded([plainDocument(1, { v })]);
        bench.keep(await session.startCommit());
      }
    },
  },
  {
    title: 'answers thousands of keys',
    async run(bench) {
      const stored = Array.from({ length: 2500 }, (_, index) => plainDocument(index * 2, { v: index }));
      await bench.write(stored);
      const keys = Array.from({ length: 5000 }, (_, index) => ({ binding: plain, key: [index] }));
      assertAnswers(await (await bench.open()).lookUp(keys), stored);
    },
  },
  {
    title: 'answers keys that come late, after everything is applied',
    async run(bench) {
      const stored = [plainDocument(1), compoundDocument('a', 1), plainDocument(2)];
      await bench.write(stored);
      const session = await bench.open();
      const acknowledged = session.acknowledge();
      assertAnswers(await session.load(after(acknowledged, keysOf(stored))), stored);
      await session.storeLoaded([]);
      bench.keep(await session.startCommit());
      assertAnswers(await session.lookUp(after(Promise.resolve(), [])), []);
    },
  },
  {
    title: 'answers a load that began before acknowledge only with what is applied then',
    async run(bench) {
      const session = await bench.open();
      await session.commit([plainDocument(1, { v: 1 })]);
      await session.commit([plainDocument(1, { v: 2 }), compoundDocument('a', 1)]);
      await assertAnsweredAfterApply(session, [plainDocument(1, { v: 2 }), compoundDocument('a', 1)]);
    },
  },
  {
    title: 'answers a load that began before acknowledge with what a crashed session committed',
    async run(bench) {
      await bench.write([plainDocument(1, { v: 1 })]);
      await (await bench.open()).commit([plainDocument(1, { v: 2 }), compoundDocument('a', 1)]);
      const next = await bench.open();
      await assertAnsweredAfterApply(next, [plainDocument(1, { v: 2 }), compoundDocument('a', 1)]);
    },
  },
  {
    title: 'answers nothing while something committed is not applied',
    owner: 'store',
    async run(bench) {
      await bench.write([plainDocument(1, { v: 1 })]);
      await (await bench.open()).commit([plainDocument(2)]);
      const session = await bench.open();
      const keys = asynchronous(keysOf([plainDocument(1), plainDocument(2)]));
      const answers: LoadedDocument[] = [];
      const loading = (async () => {
        for await (const answer of session.connector.load(keys)) answers.push(answer);
      })();
      await Promise.race([someTurns(), loading]);
      assertAnswers(answers, []);
      await session.acknowledge();
      await bench.settled(loading, 'load()');
      assertAnswers(answers, [plainDocument(1, { v: 1 }), plainDocument(2)]);
    },
  },
  {
    title: 'fails with the keys',
    async run(bench) {
      const session = await bench.open();
      await session.acknowledge();
      const broken = (async function* () {
        yield { binding: compound, key: ['a', 1] };
        throw new Error('the keys broke off');
      })();
      await failure(session.load(broken), 'its keys broke off');
    },
  },
];

async function assertAnsweredAfterApply(session: ConnectorSession, expected: readonly StoreDocument[]): Promise<void> {
  const loading = session.load(keysOf(expected));
  await Promise.race([someTurns(), loading]);
  await session.acknowledge();
  assertAnswers(await loading, expected);
}

/** Keys that come one by one, each a few turns of the event loop after the one before. */
async function* after(moment: Promise<void>, keys: readonly BindingKey[]): AsyncGenerator<BindingKey> {
  await moment;
  for (const key of keys) {
    await someTurns();
    yield key;
  }
}
