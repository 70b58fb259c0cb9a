import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { expect } from 'vitest';
import { readings } from './disk-documents.js';
import { Slots } from './disk-slots.js';
import { DiskTask, type Owner } from './disk-task.js';

/** What all cases share: where tasks deliver to, how many run at once, and tasks that were run before anything happens. */
export class DiskBench {
  readonly receiver: Receiver;
  readonly slots = new Slots(3);
  readonly #begun = new Map<Owner, Promise<DiskTask>>();

  static async start(): Promise<DiskBench> {
    return new DiskBench(await startReceiver());
  }

  private constructor(receiver: Receiver) {
    this.receiver = receiver;
  }

  /** A task of its own that has delivered 40 documents, and whose source has 20 more by now. */
  async begunTask(owner: Owner): Promise<DiskTask> {
    const begun = this.#begun.get(owner) ?? this.#begin(owner);
    this.#begun.set(owner, begun);
    return await (await begun).copy();
  }

  async stop(): Promise<void> {
    for (const begun of this.#begun.values()) await (await begun).remove();
    await this.receiver.stop();
  }

  async #begin(owner: Owner): Promise<DiskTask> {
    const task = await DiskTask.create(this, owner, readings(60));
    await task.publish(40);
    expect(await task.run()).toMatchObject({ exitCode: 0, stderr: '' });
    await task.publish(60);
    return task;
  }
}
