import { compareText } from '@aftercommit/models';
import {
  type Fence,
  type Json,
  type Store,
  StoreError,
  type StoreSupports,
  type TaskState,
  type WriteBatch,
} from '@aftercommit/persistence';
import {
  assertWellFormed,
  encodeBatch,
  encodeValue,
  storeClosedError,
  TaskSession,
} from '@aftercommit/persistence/implement';
import type { Disk, DiskRequest } from './disk.js';
import type { ProcessClock } from './process-clock.js';

/** What becomes of a write on its way there and back. */
export type StoreFault = 'none' | 'lost-request' | 'lost-reply' | 'lost-connection';

type DiskStoreOptions = { nextFault?: () => StoreFault; noteOwner?: (owner: string) => void };

/** One process's handle on the database file. */
export class DiskStore implements Store {
  readonly supports: StoreSupports = { durability: 'power-loss', shared: true };
  readonly #disk: Disk;
  readonly #clock: ProcessClock;
  readonly #nextFault: () => StoreFault;
  readonly #noteOwner: (owner: string) => void;
  /** The change that was begun last: each is made after the one before. */
  #lastChange: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @param given.noteOwner Told under which random token the process opens a task. */
  constructor(
    disk: Disk,
    clock: ProcessClock,
    { nextFault = () => 'none', noteOwner = () => undefined }: DiskStoreOptions = {},
  ) {
    this.#disk = disk;
    this.#clock = clock;
    this.#nextFault = nextFault;
    this.#noteOwner = noteOwner;
  }

  async tasks(): Promise<string[]> {
    this.#assertOpen();
    return await this.#ask(() => this.#disk.tasks);
  }

  async open(task: string, owner: string, above?: bigint): Promise<TaskState> {
    this.#assertOpen();
    assertWellFormed('task', task);
    assertWellFormed('owner', owner);
    this.#noteOwner(owner);
    const epoch = await this.#change((request) =>
      this.#disk.open(request, { task, owner, above, wallMs: this.#clock.now() }),
    );
    return new TaskSession({ task, owner, epoch }, this.#verbs);
  }

  async read(task: string): Promise<Array<[key: string, value: Json]>> {
    this.#assertOpen();
    assertWellFormed('task', task);
    return await this.#ask(() => entriesOf(this.#disk.values(task), ''));
  }

  async request(task: string, value: Json): Promise<void> {
    this.#assertOpen();
    assertWellFormed('task', task);
    const text = encodeValue(value);
    await this.#change((request) => this.#disk.addMessage(request, task, text));
  }

  /** Writes a session's batch in a transaction of the host's own: the session hears nothing of it. */
  async writeWithin(batch: WriteBatch): Promise<void> {
    const { fence } = batch;
    if (fence === undefined) throw new TypeError('A batch that a host writes belongs to a session.');
    await this.#verbs.write(fence, batch);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  readonly #verbs = {
    get: async (fence: Fence, key: string): Promise<Json | undefined> => {
      this.#assertOpen();
      return await this.#ask(() => {
        this.#disk.assertHeld(fence);
        const text = this.#disk.values(fence.task).get(key);
        return text === undefined ? undefined : (JSON.parse(text) as Json);
      });
    },
    list: async (fence: Fence, prefix: string): Promise<Array<[key: string, value: Json]>> => {
      this.#assertOpen();
      return await this.#ask(() => {
        this.#disk.assertHeld(fence);
        return entriesOf(this.#disk.values(fence.task), prefix);
      });
    },
    write: async (fence: Fence, batch: WriteBatch): Promise<void> => {
      this.#assertOpen();
      const encoded = encodeBatch(batch);
      await this.#change((request) => this.#disk.write(request, fence, encoded));
    },
  };

  #ask<Answer>(effect: () => Answer): Promise<Answer> {
    const { process } = this.#clock;
    return process.ask({ thereMs: process.chance.durationMs(0.2), backMs: 0, canOutlive: false, effect });
  }

  async #change<Result>(ask: (request: DiskRequest) => Promise<Result>): Promise<Result> {
    const { process } = this.#clock;
    const request = { process, askedAtMs: process.scheduler.nowMs };
    const change = (): Promise<Result> => ask(request);
    const fault = this.#nextFault();
    const thereMs = process.chance.durationMs(0.5);
    const backMs = process.chance.durationMs(0.2);
    const make = async (): Promise<Result> => {
      if (fault === 'none') return await change();
      if (fault === 'lost-request') throw new StoreError('STORE_UNAVAILABLE', 'Nothing was sent, and nothing changed');
      // The refusal is lost with the reply.
      if (fault === 'lost-reply') await Promise.allSettled([change()]);
      throw new StoreError('STORE_OUTCOME_UNKNOWN', 'The reply was lost: it was applied or not');
    };
    const before = this.#lastChange;
    let isMade = (): void => undefined;
    this.#lastChange = new Promise<void>((resolve) => {
      isMade = resolve;
    });
    const effect = async (): Promise<Result> => {
      await before;
      return await make().finally(isMade);
    };
    return await process.ask({ thereMs, backMs, canOutlive: false, effect });
  }

  #assertOpen(): void {
    if (this.#isClosed) throw storeClosedError('The simulated store');
  }
}

function entriesOf(values: ReadonlyMap<string, string>, prefix: string): Array<[key: string, value: Json]> {
  return [...values]
    .filter(([key]) => key.startsWith(prefix))
    .sort(([left], [right]) => compareText(left, right))
    .map(([key, text]) => [key, JSON.parse(text) as Json]);
}
