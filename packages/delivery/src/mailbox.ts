import type { Json } from '@aftercommit/models';
import { type TaskState, WriteBatch } from '@aftercommit/persistence';
import {
  keysOfOutbox,
  type OutboxRequest,
  readOutboxRequest,
  type StoredOutbox,
  taskKeys,
} from '@aftercommit/persistence/records';
import type { Clock, Logger } from '@aftercommit/registry';
import { DoneDeliveries, deleteDone } from './done-deliveries.js';
import type { Lanes } from './lanes.js';
import { ParkedDeliveries } from './parked-deliveries.js';

/** What a mailbox works with. */
export type MailboxOptions = {
  /** The task, for messages. */
  materialization: string;
  /** Where messages are left. When it is lost, nothing is looked at any more. */
  state: TaskState;
  /** Who follows requests about outboxes that have a trigger. */
  lanes: Pick<Lanes, 'ask'>;
  /** Outboxes without a trigger: nobody else writes to them. */
  withoutPartner: readonly StoredOutbox[];
  /** What outboxes are called now, by their names before the task was opened. */
  presentNames: ReadonlyMap<string, string>;
  /** Where the store tells nobody of messages, the time between two looks. */
  clock: Clock;
  /** Scrubs already. */
  logger: Logger;
};

/** How often it is looked for messages of which the store tells nobody. */
const lookEveryMs = 1_000;

/**
 * Takes the messages that people leave for a session. Each is deleted in the same write as its effect: it has it once,
 * also through a crash. One that cannot be followed is deleted too, and said.
 */
export class Mailbox {
  readonly #options: MailboxOptions;
  #isStopped = false;
  /** Ends what `run` began, at once. */
  #stopWaiting: () => void = () => undefined;
  /** Messages that a lane has, and has not answered yet. */
  readonly #given = new Set<string>();
  /** Whether what is there now was written before the task was opened. */
  #isFirstLook = true;
  /** Whether there may be messages that were not looked at yet. */
  #mayHaveMore = true;
  /** Whether a look was asked for that has not begun. */
  #isLookComing = false;
  /** Whether a look has failed: there is no other. */
  #hasFailed = false;
  #withoutPartner: StoredOutbox[];
  #running: Promise<void> = Promise.resolve();
  #looking: Promise<void> = Promise.resolve();

  /** Changes nothing and looks at nothing: `run` does. */
  constructor(options: MailboxOptions) {
    this.#options = options;
    this.#withoutPartner = [...options.withoutPartner];
  }

  /** How many deliveries each outbox without a trigger that has some keeps parked. */
  get parked(): Record<string, number> {
    const kept = this.#withoutPartner.filter(({ parked }) => parked.length > 0);
    return Object.fromEntries(kept.map(({ about, parked }) => [about.name, parked.length]));
  }

  /** Looks for messages now and whenever there may be new ones. `onFailure` is told of the first error, which ends that. */
  run(onFailure: (error: unknown) => void): void {
    const { state } = this.#options;
    if (state.onMessage === undefined) {
      this.#running = this.#lookOnAndOn().catch(onFailure);
      return;
    }
    // Nothing waits here, not even a promise: thousands of tasks are asked nothing.
    this.#stopWaiting = state.onMessage(() => {
      this.#mayHaveMore = true;
      this.#lookSoon(onFailure);
    });
    this.#lookSoon(onFailure);
  }

  /** Looks for messages: those to lanes are handed to them, and the others followed, when it resolves. */
  async look(): Promise<void> {
    this.#mayHaveMore = false;
    // One after the other: two that look at once would follow one message twice.
    this.#looking = this.#looking.then(() => this.#takeMessages());
    await this.#looking;
  }

  /** As `look`, unless the store tells of messages and has told of none since the last look. */
  async lookIfTold(): Promise<void> {
    if (this.#mayHaveMore || this.#options.state.onMessage === undefined) await this.look();
    else await this.#looking;
  }

  /** Takes no message from now on; resolves when the one that is being followed is done. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopWaiting();
    await this.#running;
    await this.#looking.catch(() => undefined);
  }

  async #lookOnAndOn(): Promise<void> {
    const stop = new AbortController();
    this.#stopWaiting = () => stop.abort();
    while (!this.#isStopped) {
      await this.look();
      await this.#options.clock.sleep(lookEveryMs, stop.signal);
    }
  }

  /** One look for all that is told before it begins. */
  #lookSoon(onFailure: (error: unknown) => void): void {
    if (this.#isLookComing) return;
    this.#isLookComing = true;
    const look = async (): Promise<void> => {
      this.#isLookComing = false;
      if (!this.#isStopped && !this.#hasFailed) await this.look();
    };
    this.#running = this.#running.then(look).catch((error: unknown) => {
      this.#hasFailed = true;
      this.#stopWaiting();
      onFailure(error);
    });
  }

  async #takeMessages(): Promise<void> {
    if (this.#isStopped) return;
    const messages = await this.#options.state.list(taskKeys.mailbox);
    const listed = new Set(messages.map(([key]) => key));
    const isOld = this.#isFirstLook;
    this.#isFirstLook = false;
    for (const key of this.#given) if (!listed.has(key)) this.#given.delete(key);
    for (const [key, message] of messages) {
      if (!this.#given.has(key) && !this.#isStopped) await this.#follow(key, message, isOld);
    }
  }

  /** @param isOld It names an outbox as it was called before the task was opened. */
  async #follow(messageKey: string, message: Json, isOld: boolean): Promise<void> {
    const asked = readOutboxRequest(message);
    if (asked === undefined)
      return await this.#refuse(messageKey, 'a message could not be understood, and was removed');
    const { presentNames } = this.#options;
    const request = isOld ? { ...asked, outbox: presentNames.get(asked.outbox) ?? asked.outbox } : asked;
    const { lanes } = this.#options;
    if (request.request !== 'drop-outbox' && lanes.ask(request.outbox, { ...request, messageKey })) {
      this.#given.add(messageKey);
      return;
    }
    const outbox = this.#withoutPartner.find(({ about }) => about.name === request.outbox);
    if (outbox === undefined) return await this.#refuse(messageKey, whyNot(request));
    await this.#change(messageKey, outbox, request);
  }

  /** An outbox without a trigger: what is in it can only be dropped. */
  async #change(messageKey: string, outbox: StoredOutbox, request: OutboxRequest): Promise<void> {
    const batch = new WriteBatch().delete(messageKey);
    if (request.request === 'drop-outbox') {
      for (const key of keysOfOutbox(outbox)) batch.delete(key);
      await deleteDone(batch, outbox.id, this.#options.state);
      await this.#options.state.write(batch);
      this.#withoutPartner = this.#withoutPartner.filter((other) => other !== outbox);
      return;
    }
    if (request.request === 'replay') {
      const { name } = outbox.about;
      const what = `outbox "${name}" has no trigger that could deliver: configure one with "name": "${name}" first`;
      return await this.#refuse(messageKey, what);
    }
    const parked = new ParkedDeliveries(outbox);
    const done = new DoneDeliveries(outbox.id, this.#options.state);
    const unknown = await parked.drop(batch, request.keys, done, this.#options.clock.now());
    await this.#options.state.write(batch);
    const left = { ...outbox, parked: parked.all };
    this.#withoutPartner = this.#withoutPartner.map((other) => (other === outbox ? left : other));
    if (unknown.length > 0)
      this.#warn(`outbox "${outbox.about.name}": there is nothing to drop under ${unknown.join(', ')}`);
  }

  async #refuse(messageKey: string, why: string): Promise<void> {
    await this.#options.state.write(new WriteBatch().delete(messageKey));
    this.#warn(why);
  }

  #warn(message: string): void {
    const { logger, materialization } = this.#options;
    logger.warn(`${materialization}: ${message}.`, { materialization });
  }
}

function whyNot({ request, outbox }: OutboxRequest): string {
  if (request !== 'drop-outbox') return `there is no outbox "${outbox}" in which anything could be parked`;
  return `there is no outbox "${outbox}" without a trigger: only such a one can be dropped`;
}
