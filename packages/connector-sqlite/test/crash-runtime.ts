import type { Json } from '@aftercommit/models';
import type { RuntimeCheckpointValue } from '@aftercommit/runtime-adapter';
import { each, load, type Owner, type SqliteBench } from './sqlite-bench.js';

/** The moments of a transaction after which a session can crash. */
export const moments = ['open', 'acknowledge', 'store', 'startCommit', 'commit', 'none'] as const;
export type Moment = (typeof moments)[number];

type Checkpoint = RuntimeCheckpointValue & { parentId: string | null; position: number };

/** How far the source is read after each of its transactions; each one raises the counter of its document by one. */
export const sourceLength = 4;

class Crash extends Error {}

/** A commit loop and a store, as small as can be: what the runtime owes a connector, and nothing of its own. */
export class CrashRuntime {
  readonly #bench: SqliteBench;
  #stored: { checkpoint: Checkpoint | undefined; owner: Owner | undefined; state: Json | undefined } = {
    checkpoint: undefined,
    owner: undefined,
    state: undefined,
  };

  constructor(bench: SqliteBench) {
    this.#bench = bench;
  }

  /**
   * One session, until the source ends or it crashes: in its second transaction, so that each moment has one before it.
   * Nothing is closed after a crash.
   */
  async run(owner: Owner, crashAfter: Moment): Promise<void> {
    try {
      await this.#session(owner, crashAfter);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }

  async #session(owner: Owner, crashAfter: Moment): Promise<void> {
    const { state } = this.#stored;
    const { connector, opened } = await this.#bench.open({ owner, state });
    if (opened.divergence !== undefined) throw opened.divergence;
    let parent = this.#reconcile(opened.runtimeCheckpoint as Checkpoint | undefined);
    let pendingState = state;
    if (crashAfter === 'open') throw new Crash();
    for (let number = 1; ; number += 1) {
      const reached = (moment: Moment): void => {
        if (number === 2 && moment === crashAfter) throw new Crash();
      };
      const [answers, progress] = await Promise.all([load(connector, 'counter'), connector.acknowledge()]);
      pendingState = progress.connectorState?.updated ?? pendingState;
      reached('acknowledge');
      const position = (parent?.position ?? 0) + 1;
      if (position > sourceLength) return connector.close();
      await connector.flush();
      const document = { id: 'counter', count: Number(answers[0]?.['count'] ?? 0) + 1 };
      const appended = { binding: 1, key: [position], document: { id: position } };
      await connector.store(each([{ binding: 0, key: ['counter'], document }, appended]));
      reached('store');
      this.#bench.transactions += 1;
      const checkpoint = {
        transactionId: `transaction-${this.#bench.transactions}`,
        parentId: parent?.transactionId ?? null,
        position,
      };
      const { connectorState } = await connector.startCommit(checkpoint);
      reached('startCommit');
      pendingState = connectorState?.updated ?? pendingState;
      this.#stored = { checkpoint, owner, state: pendingState };
      parent = checkpoint;
      reached('commit');
    }
  }

  /** As the runtime reconciles: in step, one ahead, or taken from the store alone. */
  #reconcile(found: Checkpoint | undefined): Checkpoint | undefined {
    const { checkpoint, owner } = this.#stored;
    if (found === undefined) {
      if (checkpoint !== undefined && owner !== 'store') throw new Error('the endpoint lost its checkpoint');
      return checkpoint;
    }
    if (found.transactionId === checkpoint?.transactionId) return checkpoint;
    if (found.parentId !== (checkpoint?.transactionId ?? null)) throw new Error('the endpoint is not one ahead');
    this.#stored = { ...this.#stored, checkpoint: found, owner: 'endpoint' };
    return found;
  }
}
