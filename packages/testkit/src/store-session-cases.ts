import assert from 'node:assert/strict';
import { isStoreError, type Store, type TaskState, WriteBatch } from '@aftercommit/persistence';
import { refusal, type StoreBench, type StoreCase } from './store-bench.js';

/** Every verb of a session: each is met by a session that has not yet noticed that it is a zombie. */
const verbs: Record<string, (session: TaskState) => Promise<unknown>> = {
  get: (session) => session.get('key'),
  list: (session) => session.list(''),
  'write that puts': (session) => session.write(new WriteBatch().put('key', 'zombie')),
  'write that deletes': (session) => session.write(new WriteBatch().delete('key')),
  'empty write': (session) => session.write(new WriteBatch()),
  'write of a batch that names its session': (session) =>
    session.write(new WriteBatch(session.fence).put('key', 'zombie')),
};

/** The ways to become a zombie. Each gives the epoch and the owner another chance to be the only thing that differs. */
const fates: Array<{
  readonly name: string;
  readonly needs?: 'forget';
  readonly overtake: (bench: StoreBench, store: Store) => Promise<TaskState>;
}> = [
  { name: 'a session that was overtaken', overtake: (bench, store) => bench.open(store) },
  { name: 'an earlier session of the same owner', overtake: (_bench, store) => store.open('task', 'one owner') },
  {
    name: 'the same epoch under another owner',
    needs: 'forget',
    overtake: async (bench, store) => {
      await bench.forget(store, 'task');
      return bench.open(store);
    },
  },
];

const fencingCases = fates.flatMap(({ name, needs, overtake }) =>
  Object.entries(verbs).map(
    ([verbName, verb]): StoreCase => ({
      title: `fences ${name}: ${verbName}`,
      ...(needs === undefined ? {} : { needs }),
      async run(bench) {
        const store = await bench.create({ now: () => 1_700_000_000_000 });
        const zombie = await store.open('task', 'one owner');
        const successor = await overtake(bench, store);
        if (needs === 'forget') assert.equal(successor.fence.epoch, zombie.fence.epoch, 'the epoch is given out twice');
        await successor.write(new WriteBatch().put('key', 'kept'));
        const error = await refusal(verb(zombie), 'STORE_FENCED');
        assert.equal(error.applied, 'no');
        assert.ok(zombie.lost.aborted && isStoreError(zombie.lost.reason), 'lost aborts with the error');
        assert.equal(zombie.lost.reason.code, 'STORE_FENCED');
        await refusal(verb(zombie), 'STORE_FENCED');
        assert.equal(await successor.get('key'), 'kept');
        assert.ok(!successor.lost.aborted, 'the successor goes on');
      },
    }),
  ),
);

/** Who may write: opening, fencing. */
export const sessionCases: StoreCase[] = [
  ...fencingCases,
  {
    title: 'opens above an epoch that was seen elsewhere, also when the clock and the last epoch are below it',
    async run(bench) {
      const store = await bench.create({ now: () => 1_700_000_000_000 });
      await bench.open(store);
      const seen = 1_800_000_000_000_000n;
      const session = await store.open('task', 'owner', seen);
      assert.ok(session.fence.epoch > seen, 'above what was seen');
      const next = await store.open('task', 'another owner', 5n);
      assert.ok(next.fence.epoch > session.fence.epoch, 'never below the last one');
      await refusal(session.get('key'), 'STORE_FENCED');
    },
  },
  {
    title: 'fences a session whose task the database lost, before anybody opens it again',
    needs: 'forget',
    async run(bench) {
      const store = await bench.create();
      const writer = await bench.open(store);
      const reader = await bench.open(store, 'read');
      await bench.forget(store, 'task');
      await bench.forget(store, 'read');
      await refusal(writer.write(new WriteBatch().put('key', 'zombie')), 'STORE_FENCED');
      await refusal(reader.list(''), 'STORE_FENCED');
      assert.deepEqual(await store.read('task'), []);
    },
  },
  {
    title: 'raises the epoch with every open, also when the clock stands still or steps back',
    async run(bench) {
      const clock = { now: 1_700_000_000_000 };
      const store = await bench.create({ now: () => clock.now });
      const epochs: bigint[] = [];
      for (const step of [0, 0, -60_000, 0, 120_000]) {
        clock.now += step;
        epochs.push((await bench.open(store)).fence.epoch);
      }
      for (const [index, epoch] of epochs.entries()) assert.ok(index === 0 || epoch > (epochs[index - 1] ?? 0n));
      assert.equal(epochs.at(-1), BigInt(clock.now) * 1000n, 'a clock that is ahead counts');
    },
  },
  {
    title: 'starts a task at the wall clock in microseconds',
    async run(bench) {
      const store = await bench.create({ now: () => 1_700_000_000_123 });
      const { fence } = await store.open('task', 'owner');
      assert.deepEqual(fence, { task: 'task', owner: 'owner', epoch: 1_700_000_000_123_000n });
    },
  },
  {
    title: 'leaves one survivor of racing opens',
    async run(bench) {
      const store = await bench.create();
      await assertOneSurvives(bench, [store]);
    },
  },
  {
    title: 'leaves one survivor of opens that race over two handles',
    needs: 'second',
    async run(bench) {
      const store = await bench.create();
      await assertOneSurvives(bench, [store, await bench.second(store)]);
    },
  },
  {
    title: 'fences and shows writes across two handles',
    needs: 'second',
    async run(bench) {
      const store = await bench.create();
      const other = await bench.second(store);
      const zombie = await bench.open(store);
      await zombie.write(new WriteBatch().put('key', 1));
      assert.deepEqual(await other.read('task'), [['key', 1]]);
      const successor = await bench.open(other);
      await refusal(zombie.write(new WriteBatch().put('key', 2)), 'STORE_FENCED');
      assert.equal(await successor.get('key'), 1);
    },
  },
];

async function assertOneSurvives(bench: StoreBench, stores: Store[]): Promise<void> {
  const sessions = await Promise.all(
    Array.from({ length: 8 }, (_, index) => bench.open(stores[index % stores.length] as Store)),
  );
  assert.equal(new Set(sessions.map(({ fence }) => fence.epoch)).size, sessions.length, 'epochs differ');
  const highest = sessions.reduce((left, right) => (left.fence.epoch > right.fence.epoch ? left : right));
  for (const session of sessions) {
    const write = session.write(new WriteBatch().put('survivor', String(session.fence.epoch)));
    if (session === highest) await write;
    else await refusal(write, 'STORE_FENCED');
  }
  assert.equal(await highest.get('survivor'), String(highest.fence.epoch));
}
