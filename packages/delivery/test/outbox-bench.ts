import type { Json, TriggerConfig } from '@aftercommit/models';
import { MemoryStore, WriteBatch } from '@aftercommit/persistence';
import { type LastOutboxRecord, readOutboxes, type StoredOutbox, taskKeys } from '@aftercommit/persistence/records';
import { expect } from 'vitest';
import { deleteDone } from '../src/done-deliveries.js';
import type { CompiledTrigger } from '../src/index.js';
import { isEmpty } from '../src/match-outboxes.js';
import { type OpenedOutboxes, openOutboxes, putChanges } from '../src/open-outboxes.js';
import { withWindow } from '../src/plan-opening.js';
import { compile, materialization, windowOf } from './delivery-bench.js';

export const now = Date.UTC(2024, 0, 1);

/** A task whose openings, each with a configuration, follow one another. */
export class Task {
  readonly #store = new MemoryStore();

  /** Opens, writes, and compares what was returned with what is stored now. */
  async open(config: TriggerConfig[], adopted?: number, at = now, retryNow = false): Promise<OpenedOutboxes> {
    return await this.openCompiled(compile(config), adopted, at, retryNow);
  }

  async openCompiled(
    triggers: CompiledTrigger[],
    adopted?: number,
    at = now,
    retryNow = false,
  ): Promise<OpenedOutboxes> {
    const window = adopted === undefined ? undefined : { materialization, window: windowOf(adopted) };
    const batch = new WriteBatch();
    const lastOutbox = await this.#lastOutbox();
    const opening = { adopted: window, lastOutbox, now: at, retryNow };
    const opened = openOutboxes(batch, await this.stored(), triggers, opening);
    const state = await this.#store.open(materialization, 'owner');
    for (const id of opened.removed) await deleteDone(batch, id, state);
    await state.write(batch);
    const told = [...opened.outboxes.map(({ outbox }) => outbox), ...opened.withoutPartner];
    const stored = await this.stored();
    const resting = stored.filter((outbox) => isEmpty(outbox) && !outbox.about.hasPartner);
    expect(stored).toEqual([...told, ...resting].sort((left, right) => (left.id < right.id ? -1 : 1)));
    const names = stored.map(({ about }) => about.name);
    expect(new Set(names).size).toBe(names.length);
    return opened;
  }

  async add(id: string, ...numbers: number[]): Promise<void> {
    const outbox = (await this.stored()).find((one) => one.id === id);
    if (outbox === undefined) throw new Error(`no outbox ${id}`);
    const batch = new WriteBatch();
    const tell = (told: StoredOutbox, number: number): StoredOutbox =>
      withWindow(told, { materialization, window: windowOf(number) });
    putChanges(batch, outbox, numbers.reduce(tell, outbox));
    await this.write(batch);
  }

  async put(key: string, value: Json): Promise<void> {
    await this.write(new WriteBatch().put(key, value));
  }

  async stored(): Promise<StoredOutbox[]> {
    return readOutboxes((await this.#store.read(materialization)).filter(([key]) => key.startsWith(taskKeys.outboxes)));
  }

  async keys(): Promise<string[]> {
    return (await this.entries()).map(([key]) => key);
  }

  async entries(): Promise<Array<[key: string, value: Json]>> {
    return await this.#store.read(materialization);
  }

  async #lastOutbox(): Promise<LastOutboxRecord | undefined> {
    const entries = new Map(await this.#store.read(materialization));
    return entries.get(taskKeys.lastOutbox) as LastOutboxRecord | undefined;
  }

  async write(batch: WriteBatch): Promise<void> {
    await (await this.#store.open(materialization, 'owner')).write(batch);
  }
}
