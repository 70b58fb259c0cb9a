import assert from 'node:assert/strict';
import {
  type Fence,
  isStoreError,
  type Store,
  type StoreErrorCode,
  type TaskState,
  WriteBatch,
} from '@aftercommit/persistence';
import { type ConnectorBench, type ConnectorCase, failure, refusal } from './connector-bench.js';
import { plain, plainDocument } from './connector-documents.js';
import type { ConnectorSession } from './connector-session.js';

const task = 'conformance';

/** What the store commits in the endpoint's transaction: both of it, or nothing. */
export const batchCases: ConnectorCase[] = [
  {
    title: 'finds the store in its own database by the fence of its session, and by no other',
    needs: 'openStore',
    async run(bench) {
      const { fence } = await (await bench.openStore()).open(task, 'an owner');
      assert.equal((await bench.open({ fence })).opened.commitsBatch, true, 'the fence is that of a store here');
      for (const other of [
        { ...fence, owner: 'another owner' },
        { ...fence, task: 'another task' },
      ]) {
        assert.ok(!(await bench.open({ fence: other })).opened.commitsBatch, 'nobody here has the fence');
      }
      assert.ok(!(await bench.open({ epoch: fence.epoch })).opened.commitsBatch, 'there was no fence');
    },
  },
  {
    title: 'commits rows, runtime checkpoint and batch together, transaction by transaction',
    needs: 'openStore',
    async run(bench) {
      const { store, state, session } = await openBoth(bench);
      for (let v = 1; v <= 3; v += 1) {
        await storeOne(session, v);
        bench.keep(await session.startCommit(undefined, batchOf(state.fence, v)));
        await bench.assertRows(plain, [plainDocument(1, { v })], 'after startCommit');
        assert.deepEqual(await store.read(task), [['committed', v]], 'what the store has after startCommit');
      }
      const { opened } = await bench.open({ epoch: state.fence.epoch + 1n });
      assertInStep(bench, opened.runtimeCheckpoint);
    },
  },
  {
    title: 'commits nothing when the session of the store was overtaken',
    needs: 'openStore',
    async run(bench) {
      const { store, state, session } = await openAndCommitOne(bench);
      await storeOne(session, 2);
      await store.open(task, 'a successor');
      await storeRefusal(session.startCommit(undefined, batchOf(state.fence, 2)), 'STORE_FENCED');
      await assertOnly(bench, store, 1);
    },
  },
  {
    title: 'commits nothing when a key is there that the batch requires to be absent',
    needs: 'openStore',
    async run(bench) {
      const { store, state, session } = await openAndCommitOne(bench);
      await storeOne(session, 2);
      const refused = batchOf(state.fence, 2).requireAbsent('committed');
      await storeRefusal(session.startCommit(undefined, refused), 'STORE_KEY_EXISTS');
      await assertOnly(bench, store, 1);
    },
  },
  {
    title: 'commits nothing, and of the batch nothing, when its own session was overtaken',
    needs: 'openStore',
    async run(bench) {
      const { store, state, session } = await openAndCommitOne(bench);
      await storeOne(session, 2);
      await bench.open({ epoch: state.fence.epoch + 1n });
      await refusal(session.startCommit(undefined, batchOf(state.fence, 2)), 'ENDPOINT_FENCED');
      await assertOnly(bench, store, 1, 2n);
    },
  },
  {
    title: 'finds in step what it committed with a batch, where the store commits by itself from then on',
    needs: 'openStore',
    async run(bench) {
      const { state, session } = await openAndCommitOne(bench);
      await session.close();
      const next = await bench.open({ epoch: state.fence.epoch + 1n });
      assertInStep(bench, next.opened.runtimeCheckpoint);
      await next.commit([plainDocument(1, { v: 2 })]);
      await bench.assertRows(plain, [plainDocument(1, { v: 2 })], 'after a transaction without a batch');
    },
  },
];

type Both = { store: Store; state: TaskState; session: ConnectorSession };

async function openBoth(bench: ConnectorBench): Promise<Both> {
  const store = await bench.openStore();
  const state = await store.open(task, 'an owner');
  return { store, state, session: await bench.open({ fence: state.fence }) };
}

/** The same, with a first transaction committed. */
async function openAndCommitOne(bench: ConnectorBench): Promise<Both> {
  const both = await openBoth(bench);
  await storeOne(both.session, 1);
  bench.keep(await both.session.startCommit(undefined, batchOf(both.state.fence, 1)));
  return both;
}

async function storeOne(session: ConnectorSession, v: number): Promise<void> {
  await session.store([plainDocument(1, { v })]);
}

function batchOf(fence: Fence, v: number): WriteBatch {
  return new WriteBatch(fence).put('committed', v);
}

/** Rows, runtime checkpoint and store are as the transaction left them. */
async function assertOnly(bench: ConnectorBench, store: Store, v: number, above = 1n): Promise<void> {
  await bench.assertRows(plain, [plainDocument(1, { v })], 'after the refusal');
  assert.deepEqual(await store.read(task), [['committed', v]], 'what the store has after the refusal');
  const { fence } = await store.open(task, 'who looks');
  const { opened } = await bench.open({ epoch: fence.epoch + above });
  assertInStep(bench, opened.runtimeCheckpoint);
}

function assertInStep(bench: ConnectorBench, found: unknown): void {
  assert.equal(JSON.stringify(found), JSON.stringify(bench.kept.runtimeCheckpoint), 'the runtime checkpoint');
}

async function storeRefusal(call: Promise<unknown>, code: StoreErrorCode): Promise<void> {
  const error = await failure(call, code);
  assert.ok(isStoreError(error), `expected a StoreError ${code}, met ${String(error)}`);
  assert.equal(error.code, code);
}
