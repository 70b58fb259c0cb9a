import { MemoryStore, type Store, StoreError, type TaskState, WriteBatch } from '@aftercommit/persistence';
import { describe, expect, test } from 'vitest';
import { type ConnectionFault, FaultyStore } from './faulty-store.js';
import { storeConformance } from './store-conformance.js';
import type { StoreSubject } from './store-subject.js';

/** What a store does differently from the store it wraps. */
type Difference = {
  store?: (honest: Store) => Partial<Store>;
  /** `latest` is the session that holds the task now, whoever asks. */
  session?: (own: TaskState, latest: () => TaskState, store: Store) => Partial<TaskState>;
  /** What becomes of the writes, of whichever sessions, that meet in one turn of the event loop. */
  together?: (writes: Array<() => Promise<void>>) => Promise<Array<PromiseSettledResult<void>>>;
};

/** One way to get a store wrong, and the case that is there to catch it; others may fail as well. */
type Mutant = Difference & { caughtBy: string };

const mutants: Record<string, Mutant> = {
  'does not check the epoch': {
    caughtBy: 'fences an earlier session of the same owner: write that puts',
    session: (own, latest) => routed(() => (latest().fence.owner === own.fence.owner ? latest() : own)),
  },
  'does not check the owner': {
    caughtBy: 'fences the same epoch under another owner: write that puts',
    session: (own, latest) => routed(() => (latest().fence.epoch === own.fence.epoch ? latest() : own)),
  },
  'reads without a fence': {
    caughtBy: 'fences a session that was overtaken: list',
    session: (_own, latest) => ({ get: (key) => latest().get(key), list: (prefix) => latest().list(prefix) }),
  },
  'clears without a fence': {
    caughtBy: 'fences a session that was overtaken: write that deletes',
    session: (own, latest) => ({
      write: (batch) => (onlyDeletes(batch) ? latest().write(copyOf(batch)) : own.write(batch)),
    }),
  },
  'does not fence an empty batch': {
    caughtBy: 'fences a session that was overtaken: empty write',
    session: (own) => ({
      write: async (batch) => {
        if (batch.changes.size > 0 || batch.requiredAbsent.size > 0) await own.write(batch);
      },
    }),
  },
  'releases whoever holds the task when a session closes': {
    caughtBy: 'keeps the successor writing when a zombie closes',
    session: (own, _latest, store) => ({
      close: async () => {
        await own.close();
        await store.open(own.fence.task, '');
      },
    }),
  },
  'aborts no lost signal': {
    caughtBy: 'fences a session that was overtaken: get',
    session: () => ({ lost: new AbortController().signal }),
  },
  'applies a batch key by key': {
    caughtBy: 'writes nothing when one of many requirements fails',
    session: (own) => ({
      write: async (batch) => {
        for (const [key, value] of batch.changes) {
          const single = new WriteBatch();
          if (batch.requiredAbsent.has(key)) single.requireAbsent(key);
          await own.write(value === undefined ? single.delete(key) : single.put(key, value));
        }
        const rest = new WriteBatch();
        for (const key of batch.requiredAbsent) if (!batch.changes.has(key)) rest.requireAbsent(key);
        await own.write(rest);
      },
    }),
  },
  'ignores requireAbsent': {
    caughtBy: 'refuses a batch that requires an existing key to be absent, and goes on',
    session: (own) => ({ write: (batch) => own.write(changesOf(batch)) }),
  },
  'checks required absence after the deletes': {
    caughtBy: 'checks required absence against the state before the batch',
    session: (own) => ({
      write: async (batch) => {
        const deletes = new WriteBatch();
        for (const [key, value] of batch.changes) if (value === undefined) deletes.delete(key);
        await own.write(deletes);
        await own.write(batch);
      },
    }),
  },
  'lists in the order of UTF-16': {
    caughtBy: 'keeps odd keys apart and lists them by code point',
    session: (own) => ({
      list: async (prefix) => (await own.list(prefix)).sort(([left], [right]) => (left < right ? -1 : 1)),
    }),
  },
  'lists what lies under a prefix as a folder': {
    caughtBy: 'lists exactly the keys that begin with a prefix',
    session: (own) => ({ list: (prefix) => own.list(prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`) }),
  },
  'shares its values': {
    caughtBy: 'gives and takes copies of values',
    session: (own) => {
      const shared = new Map<string, unknown>();
      return {
        get: async (key) => {
          const value = await own.get(key);
          if (!shared.has(key)) shared.set(key, value);
          return shared.get(key) as typeof value;
        },
      };
    },
  },
  'fences the session when somebody reads': {
    caughtBy: 'reads without fencing the session',
    store: (honest) => ({
      read: async (task) => {
        await honest.open(task, 'reader');
        return honest.read(task);
      },
    }),
  },
  'fences the session when somebody sends a message': {
    caughtBy: 'puts requests under mailbox/, in order, without fencing the session',
    store: (honest) => ({
      request: async (task, value) => {
        const session = await honest.open(task, 'sender');
        await session.write(new WriteBatch().put('mailbox/1', value));
      },
    }),
  },
  'lists tasks in the order of UTF-16': {
    caughtBy: 'lists the tasks that were opened, by code point',
    store: (honest) => ({ tasks: async () => (await honest.tasks()).sort() }),
  },
  'counts epochs from 1': {
    caughtBy: 'starts a task at the wall clock in microseconds',
    session: (own) => ({ fence: { ...own.fence, epoch: own.fence.epoch - 1_700_000_000_000_000n } }),
  },
  'hides a lost reply': {
    caughtBy: 'ends the session whose write has no reply, with all of the write applied or nothing',
    session: (own) => ({
      write: (batch) => own.write(batch).catch((error) => (unknown(error) ? undefined : Promise.reject(error))),
    }),
  },
  'calls a lost reply not applied': {
    caughtBy: 'ends the session whose write has no reply, with all of the write applied or nothing',
    session: (own) => ({
      write: (batch) =>
        own.write(batch).catch((error) => {
          throw unknown(error) ? new StoreError('STORE_UNAVAILABLE', 'nothing was sent') : error;
        }),
    }),
  },
  'resolves a write before it is applied': {
    caughtBy: 'has each write in the store when it resolves, also when others are still under way',
    session: (own) => ({
      write: async (batch) => {
        setImmediate(() => void own.write(batch).catch(() => undefined));
      },
    }),
  },
  'refuses all that is written together for the sake of one': {
    caughtBy: 'applies what is written beside a write that is refused, and nothing of that one',
    together: async (writes) => {
      const results = await eachSettled(writes);
      const refused = results.find(({ status }) => status === 'rejected');
      return results.map((result) => refused ?? result);
    },
  },
  'applies what is written together in another order': {
    caughtBy: 'applies the writes of each session in their order, also beside those of others',
    together: async (writes) => (await eachSettled(writes.toReversed())).reverse(),
  },
  'applies only the last of what is written together': {
    caughtBy: 'applies the writes of many sessions side by side, each to its own task',
    together: (writes) =>
      eachSettled(writes.map((write, at) => (at < writes.length - 1 ? async () => undefined : write))),
  },
  'tells nobody of messages': {
    caughtBy: 'tells a session that a message was left, each time',
    session: () => ({ onMessage: () => () => undefined }),
  },
  'tells of the first message alone': {
    caughtBy: 'tells a session that a message was left, each time',
    session: (own) => ({ onMessage: (listener) => listening(own, once<void>(listener)) }),
  },
  'tells one listener alone': {
    caughtBy: 'tells every listener of a session, and none that was ended',
    session: (own) => ({ onMessage: once((listener: () => void) => listening(own, listener)) }),
  },
  'tells no session that it was overtaken': {
    caughtBy: 'tells a session that it was overtaken',
    session: (own) => ({
      onMessage: (listener) => listening(own, () => void own.get('key').then(listener, () => undefined)),
    }),
  },
  'tells a session that was closed': {
    caughtBy: 'tells nobody after the session was closed',
    session: () => ({ close: async () => undefined }),
  },
};

describe('the conformance cases', () => {
  test('pass on a wrapped store that does nothing differently', async () => {
    expect(await failedCases({})).toEqual([]);
  });

  for (const [name, mutant] of Object.entries(mutants)) {
    test(`catch a store that ${name}`, async () => {
      expect(await failedCases(mutant, mutant.caughtBy)).toEqual([mutant.caughtBy]);
    });
  }
});

/** @param only The title of the one case to run. Undefined: all. */
async function failedCases(mutant: Difference, only?: string): Promise<string[]> {
  const failed: string[] = [];
  for (const { title, run, skip } of storeConformance(subjectOf(mutant))) {
    if (skip === undefined && (only ?? title) === title) await run().catch(() => failed.push(title));
  }
  return failed;
}

function subjectOf(mutant: Difference): StoreSubject {
  const behind = new Map<Store, { memory: MemoryStore; faulty: FaultyStore }>();
  return {
    create: async (options) => {
      const memory = new MemoryStore(options);
      const faulty = new FaultyStore(memory);
      const store = mutated(faulty, mutant);
      behind.set(store, { memory, faulty });
      return store;
    },
    forget: async (store, task) => behind.get(store)?.memory.forget(task),
    fail: async (store, fault: ConnectionFault) => behind.get(store)?.faulty.loseNext(fault),
  };
}

function mutated(honest: Store, mutant: Difference): Store {
  const latest = new Map<string, TaskState>();
  const { together } = mutant;
  const turn = together && new Turn(together);
  return {
    supports: honest.supports,
    tasks: () => honest.tasks(),
    open: async (task, owner, above) => {
      const own = await honest.open(task, owner, above);
      latest.set(task, own);
      const different = mutant.session?.(own, () => latest.get(task) ?? own, honest) ?? {};
      return {
        ...routed(() => own),
        fence: own.fence,
        lost: own.lost,
        onMessage: (listener) => listening(own, listener),
        close: () => own.close(),
        ...(turn && { write: (batch) => turn.add(() => own.write(copyOf(batch))) }),
        ...different,
      };
    },
    read: (task) => honest.read(task),
    request: (task, value) => honest.request(task, value),
    close: () => honest.close(),
    ...mutant.store?.(honest),
  };
}

/** Gathers the writes of one turn of the event loop. */
class Turn {
  readonly #together: NonNullable<Difference['together']>;
  #waiting: Array<{ write: () => Promise<void>; settle: (result: PromiseSettledResult<void>) => void }> = [];

  constructor(together: NonNullable<Difference['together']>) {
    this.#together = together;
  }

  async add(write: () => Promise<void>): Promise<void> {
    const result = await new Promise<PromiseSettledResult<void>>((settle) => {
      this.#waiting.push({ write, settle });
      if (this.#waiting.length === 1) setImmediate(() => void this.#end());
    });
    if (result.status === 'rejected') throw result.reason;
  }

  async #end(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const results = await this.#together(waiting.map(({ write }) => write));
    for (const [index, result] of results.entries()) waiting[index]?.settle(result);
  }
}

async function eachSettled(writes: Array<() => Promise<void>>): Promise<Array<PromiseSettledResult<void>>> {
  const results: Array<PromiseSettledResult<void>> = [];
  for (const write of writes) results.push(...(await Promise.allSettled([write()])));
  return results;
}

function listening(session: TaskState, listener: () => void): () => void {
  return session.onMessage?.(listener) ?? (() => undefined);
}

/** Does nothing the second time. */
function once<Argument>(call: (argument: Argument) => unknown): (argument: Argument) => () => void {
  let isFirst = true;
  return (argument) => {
    if (isFirst) call(argument);
    isFirst = false;
    return () => undefined;
  };
}

function routed(session: () => TaskState): Pick<TaskState, 'get' | 'list' | 'write'> {
  return {
    get: async (key) => session().get(key),
    list: async (prefix) => session().list(prefix),
    write: async (batch) => session().write(copyOf(batch)),
  };
}

/** The same batch, for whichever session. */
function copyOf(batch: WriteBatch): WriteBatch {
  const copy = changesOf(batch);
  for (const key of batch.requiredAbsent) copy.requireAbsent(key);
  return copy;
}

/** The same changes, without what they require. */
function changesOf(batch: WriteBatch): WriteBatch {
  const copy = new WriteBatch();
  for (const [key, value] of batch.changes) {
    if (value === undefined) copy.delete(key);
    else copy.put(key, value);
  }
  return copy;
}

function onlyDeletes(batch: WriteBatch): boolean {
  return (
    batch.changes.size > 0 &&
    batch.requiredAbsent.size === 0 &&
    [...batch.changes.values()].every((value) => value === undefined)
  );
}

function unknown(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'STORE_OUTCOME_UNKNOWN';
}
