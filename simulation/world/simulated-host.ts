import type { Json } from '@aftercommit/models';
import { isStoreError, type WriteBatch } from '@aftercommit/persistence';
import {
  isSessionError,
  type RuntimeCheckpointValue,
  SourceError,
  TriggerSession,
  type TriggerSessionOptions,
} from '@aftercommit/runtime-adapter';
import { bytesOf, type Collection } from './collection.js';
import type { DiskStore } from './disk-store.js';
import { type HostDatabase, hostRowKey } from './host-database.js';
import type { TransactionWitness } from './simulated-connector.js';
import { bindings, bindingsOf } from './simulated-endpoint.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { Reading } from './simulated-source.js';

/** How a host with a commit loop of its own goes about it. */
export type HostManners = Reading & {
  maxDocs: number;
  isDraining: boolean;
  /** How probable it is that a transaction that was staged is rolled back. */
  rollbacks: number;
  /** Whether it commits in a transaction of its own, and not through the session. */
  isWritingWithin: boolean;
  stop: AbortController;
};

/** What a host works with. */
export type HostParts = {
  options: Omit<TriggerSessionOptions, 'bindings' | 'store' | 'endpointCheckpoint'>;
  store: DiskStore;
  process: SimulatedProcess;
  collection: Collection;
  /** Where its rows are. Undefined: in the task's own database, in one write with the commit. */
  database: HostDatabase | undefined;
  manners: HostManners;
  witness: TransactionWitness;
  /** Told when the session has begun to end. */
  noteEnding: () => void;
};

/** A program with a commit loop of its own over a `TriggerSession`: it stages, thinks better of it, and looks what became of it. */
export class SimulatedHost {
  readonly #parts: HostParts;

  constructor(parts: HostParts) {
    this.#parts = parts;
  }

  /** Works until its documents end or it is stopped. */
  async run(): Promise<void> {
    const { options, store, database, manners, noteEnding } = this.#parts;
    const endpointCheckpoint = async (epoch: bigint): Promise<Json | undefined> =>
      await this.#ask(() => database?.open(epoch));
    const rows = database === undefined ? {} : { endpointCheckpoint };
    const session = await TriggerSession.open({ ...options, store, bindings, ...rows });
    const { signal } = manners.stop;
    const close = (): void => {
      noteEnding();
      void session.close().catch(() => undefined);
    };
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
    try {
      while (await this.#turn(session));
      await session.drained({ intervals: manners.isDraining });
      noteEnding();
      await session.close();
    } catch (error) {
      noteEnding();
      if (signal.aborted && isSessionError(error) && error.code === 'SESSION_CLOSED') return await session.close();
      await session.fail(error);
      throw session.failed.reason ?? error;
    } finally {
      signal.removeEventListener('abort', close);
    }
  }

  /** One transaction. False: there are no more documents. */
  async #turn(session: TriggerSession): Promise<boolean> {
    const { collection, process, manners } = this.#parts;
    const { chance } = process;
    await session.acknowledged();
    const from = Number(session.position ?? 0);
    const isThere = await this.#untilThere(from, session.failed);
    if (!isThere) return false;
    // One that has no documents commits all the same: it has no window.
    const most = chance.happens(0.1) ? 0 : Math.min(manners.maxDocs, collection.length - from);
    const numbers = collection
      .slice(from, from + most)
      .filter(({ atMs }) => atMs <= process.scheduler.nowMs)
      .map((_, index) => from + index);
    const transaction = session.begin();
    for (const number of numbers) {
      const written = collection[number];
      if (written !== undefined) transaction.add(bindingsOf(written.collection), { bytes: bytesOf(number) });
    }
    await session.settled();
    const position = from + numbers.length;
    if (chance.happens(manners.rollbacks)) {
      const batch = session.newBatch();
      session.stage(transaction, position, batch);
      await process.sleep(chance.durationMs(2));
      // As if it had never been staged; or another one in its place.
      if (chance.happens(0.5)) return true;
    }
    const batch = session.newBatch();
    const runtimeCheckpoint = session.stage(transaction, position, batch);
    await this.#storeRows({ session, runtimeCheckpoint, numbers, batch });
    await this.#commit(session, batch);
    return true;
  }

  async #storeRows({ session, runtimeCheckpoint, numbers, batch }: Staged): Promise<void> {
    const { database, witness } = this.#parts;
    const { transactionId } = runtimeCheckpoint;
    if (database === undefined) {
      witness(transactionId, numbers, false);
      for (const number of numbers) batch.requireAbsent(hostRowKey(number)).put(hostRowKey(number), number);
      return;
    }
    await this.#ask(() => {
      database.commit(session.epoch, numbers, runtimeCheckpoint);
      witness(transactionId, numbers, true);
    });
  }

  async #commit(session: TriggerSession, batch: WriteBatch): Promise<void> {
    const { store, process, database, manners } = this.#parts;
    if (!manners.isWritingWithin) return await session.commit(batch);
    try {
      await store.writeWithin(batch);
    } catch (error) {
      // Rows and commit are in one write: the session finds out by itself whether that was rolled back.
      const isInDoubt = isStoreError(error) && error.code !== 'STORE_FENCED' && database === undefined;
      if (!isInDoubt || process.chance.happens(0.3)) throw error;
    }
  }

  /** Whether a document is there. False: none is, and the host waits for none. */
  async #untilThere(from: number, failed: AbortSignal): Promise<boolean> {
    const { collection, process, manners } = this.#parts;
    await process.sleep(process.chance.durationMs(2));
    if (process.chance.happens(manners.failing)) {
      throw new SourceError('SOURCE_UNAVAILABLE', 'The simulated documents cannot be read at this moment.');
    }
    const isOver = AbortSignal.any([failed, manners.stop.signal]);
    const atMs = collection[from]?.atMs ?? Number.POSITIVE_INFINITY;
    for (;;) {
      if (isOver.aborted || atMs <= process.scheduler.nowMs) return true;
      if (!manners.isFollowing) return false;
      await process.sleep(Math.min(atMs - process.scheduler.nowMs, 3_600_000), isOver);
    }
  }

  #ask<Answer>(effect: () => Answer): Promise<Answer> {
    const { process } = this.#parts;
    const { chance } = process;
    return process.ask({ thereMs: chance.durationMs(3), backMs: chance.durationMs(1), canOutlive: true, effect });
  }
}

type Staged = {
  session: TriggerSession;
  runtimeCheckpoint: RuntimeCheckpointValue;
  numbers: readonly number[];
  batch: WriteBatch;
};
