import { type JetStreamManager, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { type ConnectionOptions, connect, type Msg, type NatsConnection } from '@nats-io/transport-node';

/** What arrived at a subject, whether a stream stored it or not. */
export type ReceivedMessage = { payload: Uint8Array; headers: Record<string, string> };

/** Somebody who has subscribed. */
export type Listener = {
  /** Everything that it got since, in order. */
  received(): ReceivedMessage[];
  stop(): Promise<void>;
};

/** A NATS server as others see it, with the client that everybody uses: streams, and who listens beside them. */
export class NatsStreams {
  readonly #options: ConnectionOptions;

  constructor(options: ConnectionOptions) {
    this.#options = { reconnect: false, ...options };
  }

  /** Makes a stream of that name, empty; one that was there before is gone. */
  create(config: Partial<StreamConfig> & { name: string }): Promise<void> {
    return this.#manage(async (manager) => {
      await deleteStream(manager, config.name);
      await manager.streams.add({ storage: 'memory', ...config });
    });
  }

  /** Changes what a stream takes, and leaves its messages. */
  update(name: string, config: Partial<StreamConfig>): Promise<void> {
    return this.#manage(async (manager) => void (await manager.streams.update(name, config)));
  }

  delete(name: string): Promise<void> {
    return this.#manage((manager) => deleteStream(manager, name));
  }

  /** How many messages a stream holds. */
  size(name: string): Promise<number> {
    return this.#manage(async (manager) => (await manager.streams.info(name)).state.messages);
  }

  /** Listens to a subject, and answers each message with that text, as a service does that knows nothing of JetStream. */
  listen(subject: string, answer: string): Promise<Listener> {
    return this.#subscribe(subject, (message) => message.respond(answer));
  }

  /**
   * Listens to a subject, and passes each message on to another one, where a stream takes and answers it: so what was answered
   * was received before. Somebody who listens beside a stream can get a message after the stream has acknowledged it.
   */
  front(subject: string, passedTo: string): Promise<Listener> {
    return this.#subscribe(subject, ({ data, headers, reply = '' }, connection) =>
      connection.publish(passedTo, data, { reply, ...(headers && { headers }) }),
    );
  }

  async #subscribe(subject: string, answer: (message: Msg, connection: NatsConnection) => void): Promise<Listener> {
    const connection = await connect(this.#options);
    const received: ReceivedMessage[] = [];
    const take = (message: Msg): void => {
      received.push({ payload: message.data, headers: headersOf(message) });
      answer(message, connection);
    };
    connection.subscribe(subject, { callback: (_error, message) => take(message) });
    await connection.flush();
    return { received: () => [...received], stop: () => connection.close() };
  }

  async #manage<Result>(work: (manager: JetStreamManager) => Promise<Result>): Promise<Result> {
    const connection = await connect(this.#options);
    try {
      return await work(await jetstreamManager(connection));
    } finally {
      await connection.close();
    }
  }
}

async function deleteStream(manager: JetStreamManager, name: string): Promise<void> {
  const streams = await manager.streams.list().next();
  if (streams.some(({ config }) => config.name === name)) await manager.streams.delete(name);
}

function headersOf({ headers }: Msg): Record<string, string> {
  return Object.fromEntries((headers?.keys() ?? []).map((name) => [name, headers?.get(name) ?? '']));
}
