import type { DrainOptions, StagedWindow } from '@aftercommit/delivery/commit-loop';
import { formatRunId, type Json, jsonProblem, parseRunId, type Window } from '@aftercommit/models';
import { WriteBatch } from '@aftercommit/persistence';
import { type CommitRecord, type RuntimeCheckpoint, taskKeys } from '@aftercommit/persistence/records';
import { type Clock, egressGuard, type Random } from '@aftercommit/registry';
import type { RuntimeCheckpointValue } from './connector.js';
import { noneEnding, noteEnding } from './ending-sessions.js';
import { failedEvent } from './failed-event.js';
import { type OpenedTask, openTask } from './open-task.js';
import { hostEndpoint, type SessionEndpoint } from './session-endpoint.js';
import { SessionError } from './session-error.js';
import { SessionLife } from './session-life.js';
import { assertOptions, type TriggerSessionOptions } from './session-options.js';
import { SessionStory } from './session-story.js';
import { StagedTransactions } from './staged-transactions.js';
import { standardErrorLogger, systemClock, systemRandom } from './system-environment.js';
import { Transaction } from './transaction.js';

/**
 * The triggers of one task while it runs, for hosts with a commit loop of their own. The host announces the moments of a
 * transaction, in this order:
 *
 * ```ts
 * for (;;) {
 *   await session.acknowledged();              // what was committed is visible in the endpoint: it may fire
 *   const transaction = session.begin();       // reading the next one overlaps with delivering the last
 *   // … read documents, transaction.add(…); leave the loop when there are none …
 *   await session.settled();                   // every delivery of the last one is done and durably cleared
 *   const batch = session.newBatch();
 *   session.stage(transaction, position, batch);
 *   await session.commit(batch);               // or, in a transaction of the host's own: writeWithin(database, batch)
 * }
 * await session.drained();                     // everything due is delivered, or parked
 * await session.close();
 * ```
 *
 * What an earlier session left is met on the same path: the first `acknowledged` releases it, so there is no separate
 * recovery. Every method throws the error that ended the session, once it ended.
 */
export class TriggerSession {
  readonly #options: TriggerSessionOptions;
  readonly #owner: CommitRecord['owner'];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #story: SessionStory;
  readonly #task: OpenedTask;
  readonly #life: SessionLife;
  /** Since the last `acknowledged`. */
  readonly #staged: StagedTransactions;
  #commitNumber: number;
  #runtimeCheckpoint: RuntimeCheckpoint | undefined;
  #lastRunMicros: bigint;
  /** When the last transaction was staged, by the monotonic clock. */
  #stagedAt = 0;
  /** The moment that was announced last. */
  #moment: 'opened' | 'acknowledged' | 'settled' | 'staged' = 'opened';
  readonly #committed = new WeakSet<WriteBatch>();

  /**
   * Opens the task, after sessions of it that this process is just ending: fences every earlier session of it, finds from
   * where to go on, gives each trigger its outbox, and stores that in one write. Nothing fires before the first
   * `acknowledged`.
   *
   * @throws SessionError `CHECKPOINT_DIVERGED`, `CHECKPOINT_INVALID` or `SESSION_ARGUMENT_INVALID`; StoreError;
   *   TriggerError `TRIGGER_NOT_OPENED` when a kind cannot be opened; what `endpointCheckpoint` throws.
   */
  static async open(options: TriggerSessionOptions): Promise<TriggerSession> {
    return await TriggerSession.openWith(options, hostEndpoint(options.endpointCheckpoint));
  }

  /**
   * As `open`, with an endpoint that has more to say than its runtime checkpoint. For `materialize`.
   *
   * @internal
   */
  static async openWith(options: TriggerSessionOptions, endpoint: SessionEndpoint): Promise<TriggerSession> {
    assertOptions(options);
    await noneEnding(options.store, options.materialization);
    const { clock = systemClock, random = systemRandom, logger = standardErrorLogger } = options.environment ?? {};
    const egress = options.environment?.egress ?? egressGuard();
    const story = new SessionStory(options, clock);
    const task = await openTask({
      store: options.store,
      materialization: options.materialization,
      triggers: options.triggers,
      endpoint,
      acceptEndpointCheckpoint: options.acceptEndpointCheckpoint ?? false,
      retryNow: options.retryNow ?? false,
      slots: options.attemptSlots,
      environment: { clock, random, logger, egress },
      story,
      trace: options.trace,
    });
    return new TriggerSession(options, endpoint.owner, { task, story, clock, random });
  }

  private constructor(
    options: TriggerSessionOptions,
    owner: CommitRecord['owner'],
    { task, story, clock, random }: { task: OpenedTask; story: SessionStory; clock: Clock; random: Random },
  ) {
    this.#options = options;
    this.#owner = owner;
    this.#story = story;
    this.#clock = clock;
    this.#random = random;
    this.#task = task;
    this.#staged = new StagedTransactions(task.state);
    this.#commitNumber = task.commitNumber;
    this.#runtimeCheckpoint = task.runtimeCheckpoint;
    this.#lastRunMicros = task.lastRunId === undefined ? 0n : parseRunId(task.lastRunId);
    const { lanes, mailbox, state } = task;
    // At once: a mailbox that waits for the store must not keep lanes at work.
    const stopping = async (): Promise<void> => void (await Promise.all([mailbox.stop(), lanes.stop()]));
    const steps = [stopping, () => lanes.close(), () => state.close(), () => this.#tellEnd()];
    const { store, materialization } = options;
    this.#life = new SessionLife(materialization, steps, (ending) => noteEnding(store, materialization, ending));
    const { lost } = state;
    lost.addEventListener('abort', () => void this.#life.fail(lost.reason), { once: true });
    if (lost.aborted) void this.#life.fail(lost.reason);
    const fail = (error: unknown): void => void this.#life.fail(error);
    lanes.run(fail);
    mailbox.run(fail);
  }

  /** Where the host goes on: what it last committed as its position. Undefined: nothing was ever committed. */
  get position(): Json | undefined {
    return this.#runtimeCheckpoint?.position;
  }

  /** This session's epoch: a host with a fence of its own compares it. */
  get epoch(): bigint {
    return this.#task.state.fence.epoch;
  }

  /** Aborts when the session ended because of an error, which is its reason; also while the host waits for documents. */
  get failed(): AbortSignal {
    return this.#life.failed;
  }

  /**
   * Everything committed so far is visible in the endpoint: its deliveries begin. First of each transaction.
   *
   * @throws StoreError when it cannot be read what was committed, and the session is over; SessionError `SESSION_CLOSED`.
   */
  async acknowledged(): Promise<void> {
    await this.#life.assertOpen();
    await this.#life.orFail(() => this.#learnWhatCommitted());
    await this.#life.orFail(() => this.#task.mailbox.lookIfTold());
    this.#moment = 'acknowledged';
    this.#task.lanes.acknowledged();
  }

  /**
   * Starts a transaction: its run id is now, and above every one before it.
   *
   * @throws SessionError `SESSION_CLOSED`; the error that ended the session.
   */
  begin(): Transaction {
    this.#life.assertNotOver();
    const now = BigInt(Math.floor(this.#clock.now() * 1_000));
    this.#lastRunMicros = now > this.#lastRunMicros ? now : this.#lastRunMicros + 1n;
    const { materialization, connectorImage = '', bindings } = this.#options;
    const subject = { materialization, connectorImage, runId: formatRunId(this.#lastRunMicros) };
    return new Transaction(this.#random.id(), subject, bindings);
  }

  /**
   * Resolves when nothing of what was acknowledged holds up the next commit: every delivery of a trigger whose policy is
   * `block` is done and durably cleared. What waits for its interval holds up nothing.
   *
   * @throws DeliveryError `DELIVERY_EXHAUSTED` or `DELIVERY_REJECTED`: the session is over, the delivery is kept. StoreError when
   *   an outcome cannot be stored; SessionError `SESSION_OUT_OF_ORDER` before the first `acknowledged`, and `SESSION_CLOSED`.
   */
  async settled(): Promise<void> {
    await this.#settle('settled', (isOver) => this.#task.lanes.settled(isOver));
  }

  /**
   * As `settled`, for hosts whose sources have ended: resolves when everything due of what was acknowledged is delivered
   * and durably cleared, or parked. What waits in a trigger that does not hold up commits is united first. A trigger that
   * can park no more gives its next delivery one more round, and keeps it.
   *
   * @param options `intervals`: also what waits for its trigger's interval is waited for. Default: it is not.
   * @throws What `settled` throws.
   */
  async drained(options: DrainOptions = {}): Promise<void> {
    await this.#settle('drained', (isOver) => this.#task.lanes.drained(isOver, options));
  }

  /**
   * A batch of this session, to stage into and to add keys of one's own to.
   *
   * @throws SessionError `SESSION_CLOSED`; the error that ended the session.
   */
  newBatch(): WriteBatch {
    this.#life.assertNotOver();
    return new WriteBatch(this.#task.state.fence);
  }

  /**
   * Adds the commit to the batch: the runtime checkpoint, and the transaction's window for every trigger. It changes
   * nothing else: a transaction that is rolled back leaves nothing to undo, and may be staged again.
   *
   * @param transaction From `begin`. Nothing can be added to it from now on.
   * @param position How far the sources were read: returned as `position` when the task is opened again.
   * @returns The runtime checkpoint, for a host that commits it with rows in another database.
   * @throws SessionError `SESSION_OUT_OF_ORDER` also for a batch that holds a transaction already, and for a transaction
   *   that began before the last commit.
   */
  stage(transaction: Transaction, position: Json, batch: WriteBatch): RuntimeCheckpointValue {
    this.#life.assertNotOver();
    const key = taskKeys.commit(this.#commitNumber + 1);
    this.#assertInOrder(transaction, batch.requiredAbsent.has(key));
    const problem = jsonProblem(position, 'position');
    if (problem !== undefined) throw new SessionError('SESSION_ARGUMENT_INVALID', `stage(): ${problem}.`);
    this.#moment = 'staged';
    this.#stagedAt = this.#clock.monotonic();
    transaction.seal();
    const { window } = transaction;
    const runtimeCheckpoint: RuntimeCheckpoint = {
      transactionId: transaction.id,
      parentId: this.#runtimeCheckpoint?.transactionId ?? null,
      runId: transaction.runId,
      window: window ?? null,
      position,
    };
    const record: CommitRecord = { runtimeCheckpoint, owner: this.#owner };
    // Absent: of two transactions that were staged on the same last commit, the second fails instead of hiding the first.
    batch.requireAbsent(key).put(key, record).delete(taskKeys.commit(this.#commitNumber));
    const staged = window === undefined ? undefined : this.#stageWindow(batch, window);
    this.#staged.add(batch, { runtimeCheckpoint, window: staged });
    return runtimeCheckpoint;
  }

  /**
   * Commits a batch through the store, for hosts without a transaction of their own to write it within.
   *
   * @throws StoreError, and the session is over: whether the batch was applied may be unknown (`error.applied`). SessionError
   *   `SESSION_OUT_OF_ORDER` for a batch that was committed before, and `SESSION_CLOSED`.
   */
  async commit(batch: WriteBatch): Promise<void> {
    await this.#life.assertOpen();
    if (this.#committed.has(batch)) throw outOfOrder('commit() was called twice with one batch');
    this.#committed.add(batch);
    await this.#life.orFail(() => this.#task.state.write(batch));
    this.#staged.noteCommitted(batch);
  }

  /**
   * Ends the session: begins no attempt, waits for those in flight (each to its deadline at most), stores their outcomes,
   * and releases the triggers and the task. What is not delivered stays for the next session.
   *
   * @throws The error that ended the session earlier, unless another method threw it already.
   */
  async close(): Promise<void> {
    await this.#life.close();
  }

  /**
   * Ends the session as `close` does, because of an error of the host's own: `failed` and the event of that name tell it,
   * unless the session has failed already. Never throws.
   */
  async fail(error: unknown): Promise<void> {
    await this.#life.fail(error);
  }

  async #settle(method: string, settling: (isOver: () => boolean) => Promise<void>): Promise<void> {
    await this.#life.assertOpen();
    if (this.#moment !== 'acknowledged' && this.#moment !== 'settled') {
      throw outOfOrder(`${method}() was called before acknowledged(): announce first that the last commit is visible`);
    }
    await settling(() => this.#life.isOver);
    await this.#life.assertOpen();
    const { lanes, committedLog } = this.#task;
    // Here, because `stage` waits for nothing. Once: who only waits for documents has no need of it.
    if (!committedLog.isLoaded && lanes.outboxIds.length > 0) await this.#life.orFail(() => committedLog.load());
    this.#moment = 'settled';
  }

  #assertInOrder(transaction: Transaction, isBatchTaken: boolean): void {
    if (this.#moment !== 'settled' && this.#moment !== 'staged') {
      throw outOfOrder('stage() was called before settled(): wait first for the deliveries of the last commit');
    }
    if (isBatchTaken) throw outOfOrder('stage() was called twice with one batch: each takes one transaction');
    // Windows lie in an outbox in the order of their run ids: an older one would come before a delivery being tried.
    if (transaction.runId <= (this.#runtimeCheckpoint?.runId ?? '')) {
      throw outOfOrder(`stage() was called with transaction ${transaction.runId}, which began before the last commit`);
    }
  }

  async #learnWhatCommitted(): Promise<void> {
    const number = this.#commitNumber + 1;
    const committed = await this.#staged.takeCommitted(number);
    if (committed === undefined) return;
    this.#commitNumber = number;
    this.#runtimeCheckpoint = committed.runtimeCheckpoint;
    if (committed.window !== undefined) this.#noteWindow(number, committed.window);
    const { runId, window } = committed.runtimeCheckpoint;
    const { docs_total: docs = 0, bytes_total: bytes = 0 } = window ?? {};
    const commitMs = Math.round((this.#clock.monotonic() - this.#stagedAt) * 1_000) / 1_000;
    this.#story.tell({ event: 'committed', runId, docs, bytes, commitMs });
  }

  #stageWindow(batch: WriteBatch, window: Window): StagedWindow {
    const { lanes, committedLog } = this.#task;
    const number = this.#commitNumber + 1;
    committedLog.stage(batch, { number, window, outboxes: lanes.outboxIds, isAdopted: false });
    return lanes.stage(batch, window);
  }

  #noteWindow(number: number, window: StagedWindow): void {
    const { lanes, committedLog } = this.#task;
    lanes.add(window);
    committedLog.add(number, lanes.outboxIds);
  }

  #tellEnd(): void {
    const { failure } = this.#life;
    if (failure !== undefined) this.#story.tell(failedEvent(failure.error, this.#options.triggers));
    const { lanes, mailbox } = this.#task;
    const { waiting, stuck } = lanes;
    // Also what nobody is configured for any more waits for a person.
    const parked = { ...mailbox.parked, ...lanes.parked };
    this.#story.tell({ event: 'ended', waiting, parked, stuck });
  }
}

function outOfOrder(what: string): SessionError {
  return new SessionError('SESSION_OUT_OF_ORDER', `${what}. See TriggerSession for the order.`);
}
