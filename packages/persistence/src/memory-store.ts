import { compareText, type Json } from '@aftercommit/models';
import { nextEpoch } from './epoch.js';
import type { Fence } from './fence.js';
import { mailboxKey } from './mailbox.js';
import { MessageListeners } from './message-listeners.js';
import { fencedError, keyExistsError, storeClosedError } from './refusals.js';
import type { Store, StoreSupports, TaskState } from './store.js';
import { encodeBatch, encodeValue } from './stored-value.js';
import { type FencedVerbs, TaskSession } from './task-session.js';
import { assertWellFormed } from './well-formed.js';
import type { WriteBatch } from './write-batch.js';

/** `values` holds JSON text: nobody can change what is stored through an object they wrote or read. */
type Task = { owner: string; epoch: bigint; messages: bigint; readonly values: Map<string, string> };

/** A store that forgets everything with its process: for tests, examples and pipelines that replay from the start. */
export class MemoryStore implements Store {
  /** Nothing survives the process, and no other process sees it. */
  readonly supports: StoreSupports = { durability: 'none', shared: false };
  readonly #tasks = new Map<string, Task>();
  readonly #listeners = new MessageListeners();
  readonly #now: () => number;
  #closed = false;

  /** Holds nothing yet. */
  constructor(
    options: {
      /** The wall clock in milliseconds since the Unix epoch. Default: `Date.now`. */
      now?: () => number;
    } = {},
  ) {
    this.#now = options.now ?? Date.now;
  }

  async tasks(): Promise<string[]> {
    this.#assertOpen();
    return [...this.#tasks]
      .filter(([, { epoch }]) => epoch > 0n)
      .map(([name]) => name)
      .sort(compareText);
  }

  async open(task: string, owner: string, above?: bigint): Promise<TaskState> {
    this.#assertOpen();
    assertWellFormed('owner', owner);
    const opened = this.#taskOf(task);
    opened.owner = owner;
    opened.epoch = nextEpoch(opened.epoch, this.#now(), above);
    this.#listeners.tell(task);
    return new TaskSession({ task, owner, epoch: opened.epoch }, this.#verbs);
  }

  async read(task: string): Promise<Array<[key: string, value: Json]>> {
    this.#assertOpen();
    assertWellFormed('task', task);
    const values = this.#tasks.get(task)?.values;
    return values === undefined ? [] : entriesOf(values, '');
  }

  async request(task: string, value: Json): Promise<void> {
    this.#assertOpen();
    const text = encodeValue(value);
    const receiver = this.#taskOf(task);
    receiver.messages += 1n;
    receiver.values.set(mailboxKey(receiver.messages), text);
    this.#listeners.tell(task);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /**
   * Loses a task and all it holds, as a failover to a copy that never had it would: its session is fenced, and the
   * next open starts from nothing. For tests.
   */
  forget(task: string): void {
    this.#tasks.delete(task);
    this.#listeners.tell(task);
  }

  readonly #verbs: FencedVerbs = {
    get: async (fence: Fence, key: string) => {
      const text = this.#held(fence).values.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as Json);
    },
    list: async (fence: Fence, prefix: string) => entriesOf(this.#held(fence).values, prefix),
    write: async (fence: Fence, batch: WriteBatch) => {
      const { changes, requiredAbsent } = encodeBatch(batch);
      const { values } = this.#held(fence);
      for (const key of requiredAbsent) if (values.has(key)) throw keyExistsError(fence.task, key);
      for (const [key, text] of changes) {
        if (text === undefined) values.delete(key);
        else values.set(key, text);
      }
    },
    onMessage: ({ task }: Fence, listener: () => void) => this.#listeners.add(task, listener),
  };

  /** I6: nothing is read or changed for a session whose owner and epoch are not the task's. */
  #held(fence: Fence): Task {
    this.#assertOpen();
    const task = this.#tasks.get(fence.task);
    if (task === undefined || task.owner !== fence.owner || task.epoch !== fence.epoch) {
      throw fencedError(fence, task?.epoch);
    }
    return task;
  }

  #taskOf(name: string): Task {
    assertWellFormed('task', name);
    const known = this.#tasks.get(name);
    if (known !== undefined) return known;
    const fresh: Task = { owner: '', epoch: 0n, messages: 0n, values: new Map() };
    this.#tasks.set(name, fresh);
    return fresh;
  }

  #assertOpen(): void {
    if (this.#closed) throw storeClosedError('The store in memory');
  }
}

function entriesOf(values: ReadonlyMap<string, string>, prefix: string): Array<[key: string, value: Json]> {
  return [...values]
    .filter(([key]) => key.startsWith(prefix))
    .sort(([left], [right]) => compareText(left, right))
    .map(([key, text]) => [key, JSON.parse(text) as Json]);
}
