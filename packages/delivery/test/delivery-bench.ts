import type { Json, JsonObject, TriggerConfig, Window } from '@aftercommit/models';
import { MemoryStore, type Store, type TaskState, WriteBatch } from '@aftercommit/persistence';
import {
  type DoneDelivery,
  type LastOutboxRecord,
  type ParkedRecord,
  readDone,
  readOutboxes,
  type StoredOutbox,
  taskKeys,
} from '@aftercommit/persistence/records';
import { egressGuard, type Random, type TriggerKind, TriggerKindRegistry } from '@aftercommit/registry';
import { Redactor } from '@aftercommit/registry/redaction';
import { ManualClock, type ScriptedKind, scriptedKind } from '@aftercommit/testkit';
import { deleteDone, Lanes, Mailbox, openOutboxes } from '../src/commit-loop.js';
import { type AttemptSlots, type CompiledTrigger, compileTriggers, type DeliveryEvent } from '../src/index.js';

export const materialization = 'acme/orders';

/** A configuration that asks for little: a trigger of the scripted kind for each target, with what else is given. */
export function triggerConfig(target: string, given: Record<string, string | number> = {}): TriggerConfig[] {
  return [{ kind: 'scripted', target, payloadTemplate: '{"run":"{{run_id}}","docs":{{docs_total}} }', ...given }];
}

export function compile(config: TriggerConfig[], kind: TriggerKind = scriptedKind()): CompiledTrigger[] {
  return compileTriggers({ config }, new TriggerKindRegistry([kind]));
}

/** The window of the n-th transaction, which read n documents. */
export function windowOf(number: number, given: Partial<Window> = {}): Window {
  const second = String(number % 60).padStart(2, '0');
  const minute = String(Math.floor(number / 60)).padStart(2, '0');
  return {
    materialization_name: materialization,
    connector_image: '',
    collection_names: ['acme/orders'],
    resource_paths: [['orders']],
    flow_published_at_min: `2024-01-01T00:${minute}:${second}Z`,
    flow_published_at_max: `2024-01-01T00:${minute}:${second}Z`,
    run_id: `2024-01-01T00:${minute}:${second}.000000Z`,
    docs_total: number,
    bytes_total: number * 10,
    ...given,
  };
}

/** Lanes over a store, a clock and a kind that tests move; opened again as often as a test likes. */
export class DeliveryBench {
  readonly clock = new ManualClock();
  readonly kind: ScriptedKind = scriptedKind();
  store: Store = new MemoryStore({ now: () => this.clock.now() });
  readonly events: DeliveryEvent[] = [];
  readonly warnings: string[] = [];
  /** What programs read of the warnings. */
  readonly warningFields: Array<JsonObject | undefined> = [];
  /** What ended a lane, in order. */
  readonly failures: unknown[] = [];
  /** Always the longest wait: 1 s, 2 s, 4 s… */
  random: Random = { fraction: () => 1, id: () => 'owner' };
  observe: (event: DeliveryEvent) => void = (event) => void this.events.push(event);
  slots: AttemptSlots | undefined;
  #opened: { lanes: Lanes; mailbox: Mailbox; state: TaskState } | undefined;
  #sessions = 0;

  get lanes(): Lanes {
    if (this.#opened === undefined) throw new Error('Open the bench first.');
    return this.#opened.lanes;
  }

  /** Looks for messages only when a test says so. */
  get mailbox(): Mailbox {
    if (this.#opened === undefined) throw new Error('Open the bench first.');
    return this.#opened.mailbox;
  }

  get state(): TaskState {
    if (this.#opened === undefined) throw new Error('Open the bench first.');
    return this.#opened.state;
  }

  /** Opens the task as a session does, and lets the lanes work. An earlier opening is left as it is: fenced. */
  async open(config: TriggerConfig[], kind: TriggerKind = this.kind, retryNow = false): Promise<void> {
    const triggers = compile(config, kind);
    this.#sessions += 1;
    const state = await this.store.open(materialization, `owner-${this.#sessions}`);
    const batch = new WriteBatch();
    const stored = readOutboxes(await state.list(taskKeys.outboxes));
    const { outboxes, withoutPartner, presentNames, removed } = openOutboxes(batch, stored, triggers, {
      adopted: undefined,
      lastOutbox: (await state.get(taskKeys.lastOutbox)) as LastOutboxRecord | undefined,
      now: this.clock.now(),
      retryNow,
    });
    for (const id of removed) await deleteDone(batch, id, state);
    await state.write(batch);
    const redactor = new Redactor(triggers.flatMap(({ secrets }) => secrets));
    const warn = (message: string, fields?: JsonObject): void => {
      this.warnings.push(message);
      this.warningFields.push(fields);
    };
    const logger = { info() {}, warn };
    const environment = { clock: this.clock, random: this.random, egress: egressGuard(), logger };
    const observe = (event: DeliveryEvent): void => this.observe(event);
    const lanes = await Lanes.open({
      materialization,
      state,
      outboxes,
      environment,
      redactor,
      observe,
      slots: this.slots,
    });
    lanes.run((error) => this.failures.push(error));
    const { clock } = this;
    const mailbox = new Mailbox({ materialization, state, lanes, withoutPartner, presentNames, clock, logger });
    this.#opened = { lanes, mailbox, state };
  }

  /** Ends the session as a process that stops does: lanes first. */
  async close(): Promise<void> {
    await this.lanes.stop();
    await this.lanes.close();
    await this.state.close();
  }

  async commit(...windows: Window[]): Promise<void> {
    for (const window of windows) {
      const batch = new WriteBatch();
      const staged = this.lanes.stage(batch, window);
      await this.state.write(batch);
      this.lanes.add(staged);
    }
  }

  /** Commits, acknowledges, and lets everything happen that needs no time. */
  async deliver(...windows: Window[]): Promise<void> {
    await this.commit(...windows);
    this.lanes.acknowledged();
    await this.settle();
  }

  /** A person asks something of an outbox, and the session looks at once. */
  async ask(message: Json): Promise<void> {
    await this.store.request(materialization, message);
    await this.mailbox.look();
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.clock.advance(0);
  }

  async outboxes(): Promise<StoredOutbox[]> {
    return readOutboxes((await this.store.read(materialization)).filter(([key]) => key.startsWith(taskKeys.outboxes)));
  }

  /** How the deliveries of an outbox ended. */
  async done(id: string): Promise<DoneDelivery[]> {
    const prefix = taskKeys.doneOf(id);
    return readDone(
      id,
      (await this.store.read(materialization)).filter(([key]) => key.startsWith(prefix)),
    );
  }

  /** The documents of what the first outbox holds: in its queue, and parked. */
  async held(): Promise<{ queue: number[]; parked: number[] }> {
    const [outbox] = await this.outboxes();
    const docsOf = ({ window }: { window: Window }): number => window.docs_total;
    return { queue: outbox?.windows.map(docsOf) ?? [], parked: outbox?.parked.map(docsOf) ?? [] };
  }

  /** The documents that each attempt was about, in order. */
  get attempted(): number[] {
    return this.kind.attempts.map(({ variables }) => variables.docs_total);
  }
}

/** A bench whose one trigger, called "one", has failed its first attempt at a receiver that is always unavailable. */
export async function stuckBench(given: Record<string, string | number> = {}): Promise<DeliveryBench> {
  const bench = new DeliveryBench();
  bench.kind.respond('a', [{ outcome: 'retry', reason: 'HTTP 503' }]);
  await bench.open(triggerConfig('a', { name: 'one', ...given }));
  await bench.deliver(windowOf(1));
  return bench;
}

/** A bench whose one trigger, called "one", delivers once an hour. */
export async function hourlyBench(given: Record<string, string | number> = {}): Promise<DeliveryBench> {
  const bench = new DeliveryBench();
  await bench.open(triggerConfig('a', { name: 'one', interval: '1h', ...given }));
  return bench;
}

/** A bench whose one trigger, called "one", parks what its receiver refuses. These transactions were refused already. */
export async function parkedBench(
  numbers: number[],
  given: Record<string, string | number> = {},
): Promise<DeliveryBench> {
  const bench = new DeliveryBench();
  bench.kind.respond('a', [{ outcome: 'rejected', reason: 'HTTP 400' }]);
  await bench.open(triggerConfig('a', { name: 'one', onFailure: 'park', ...given }));
  for (const number of numbers) await bench.deliver(windowOf(number));
  return bench;
}

/** Puts so many parked deliveries into the first outbox of the task, which nobody has open. */
export async function parkInStore({ store }: DeliveryBench, count: number, from = 1_000): Promise<void> {
  const state = await store.open(materialization, 'a clerk');
  const [outbox] = readOutboxes(await state.list(taskKeys.outboxes));
  const batch = new WriteBatch();
  for (let number = from; number < from + count; number += 1) {
    const runId = `2023-01-01T00:00:00.${String(number).padStart(6, '0')}Z`;
    const record: ParkedRecord = {
      idempotencyKey: `msg_${number}`,
      window: { ...windowOf(1), run_id: runId },
      parkedAt: 0,
      failingSinceAt: 0,
      attempts: 1,
      outcome: 'rejected',
      reason: 'HTTP 400',
    };
    batch.put(taskKeys.parked(outbox?.id ?? '', runId), record);
  }
  await state.write(batch);
}

/** Writes wait until the test lets them through. */
export function holdWrites(bench: DeliveryBench): () => void {
  const { state } = bench;
  const write = state.write.bind(state);
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  state.write = async (batch: WriteBatch) => {
    await released;
    await write(batch);
  };
  return release;
}
