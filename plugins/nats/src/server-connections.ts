import type { Attempt, TriggerEnvironment } from '@aftercommit/registry';
import { AttemptFailure } from './attempt-failure.js';
import { shakeHands } from './handshake.js';
import type { NatsConfig } from './nats-config.js';
import { parseServer, type ServerAddress } from './server-address.js';
import { ServerConnection } from './server-connection.js';

/** A connection that is ready to publish. */
export type ReadyConnection = {
  readonly connection: ServerConnection;
  /** Begins the subjects to which its acknowledgements come. */
  readonly inbox: string;
};

/** The connections of one trigger: each has one attempt at a time, and one is kept between attempts. */
export class ServerConnections {
  readonly #config: NatsConfig;
  readonly #environment: TriggerEnvironment;
  readonly #servers: readonly ServerAddress[];
  /** Which server is tried first: the next one, once it failed. */
  #first = 0;
  #kept: ReadyConnection | undefined;
  readonly #open = new Set<ServerConnection>();
  #isClosed = false;

  constructor(config: NatsConfig, environment: TriggerEnvironment) {
    this.#config = config;
    this.#environment = environment;
    this.#servers = config.servers.map(parseServer);
  }

  /**
   * Does an attempt's work over a connection that it has for itself, and which ends when the attempt's signal aborts.
   *
   * @throws AttemptFailure No server could be reached, or the connection ended.
   */
  async use<Result>(attempt: Attempt, work: (ready: ReadyConnection) => Promise<Result>): Promise<Result> {
    const ready = this.#takeKept() ?? (await this.#connectToAny(attempt));
    try {
      const result = await endedBy(attempt.signal, ready.connection, () => work(ready));
      this.#keep(ready);
      return result;
    } catch (error) {
      // Whatever the server still says of that attempt must reach no other one.
      this.#drop(ready.connection);
      this.#tryNextServer();
      throw error;
    }
  }

  /** Ends all of them, also those in use. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#open) this.#drop(connection);
  }

  #takeKept(): ReadyConnection | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept === undefined || kept.connection.isOpen) return kept;
    this.#drop(kept.connection);
    return undefined;
  }

  #keep(ready: ReadyConnection): void {
    if (this.#isClosed || this.#kept !== undefined) this.#drop(ready.connection);
    else this.#kept = ready;
  }

  async #connectToAny(attempt: Attempt): Promise<ReadyConnection> {
    const failures: string[] = [];
    for (let untried = this.#servers.length; untried > 0; untried -= 1) {
      const leftMs = attempt.deadlineAt - this.#environment.clock.now();
      try {
        // One that does not answer leaves the others their share of the time. The last one has what is left.
        return await this.#connect(attempt, untried === 1 ? undefined : leftMs / untried);
      } catch (error) {
        this.#tryNextServer();
        const isHopeless = !(error instanceof AttemptFailure) || error.verdict === 'rejected';
        if (isHopeless || attempt.signal.aborted || this.#isClosed) throw error;
        failures.push(error.message);
      }
    }
    throw new AttemptFailure('retry', failures.join('; '));
  }

  /** @param patienceMs Undefined: until the attempt ends. */
  async #connect({ signal }: Attempt, patienceMs: number | undefined): Promise<ReadyConnection> {
    const { egress, random, clock } = this.#environment;
    const address = this.#firstServer();
    const refusal = egress.refusal(address.host);
    if (refusal !== undefined) throw new AttemptFailure('rejected', refusal);
    const connection = new ServerConnection(address, egress.lookup);
    this.#open.add(connection);
    const inbox = `${this.#config.inboxPrefix ?? '_INBOX'}.${random.id()}`;
    const isOver = new AbortController();
    if (patienceMs !== undefined) {
      void clock.sleep(patienceMs, isOver.signal).then(() => {
        if (!isOver.signal.aborted) connection.end(new AttemptFailure('retry', `no answer from ${connection.where}`));
      });
    }
    try {
      await endedBy(signal, connection, () => shakeHands(connection, address, this.#config, inbox));
      return { connection, inbox };
    } catch (error) {
      this.#drop(connection);
      throw error;
    } finally {
      isOver.abort();
    }
  }

  #firstServer(): ServerAddress {
    const address = this.#servers[this.#first];
    if (address === undefined) throw new Error('A NATS trigger without a server');
    return address;
  }

  #tryNextServer(): void {
    this.#first = (this.#first + 1) % this.#servers.length;
  }

  #drop(connection: ServerConnection): void {
    this.#open.delete(connection);
    connection.end(new AttemptFailure('retry', 'the trigger was closed'));
  }
}

/** Lets a connection end when the signal aborts while work is done over it. */
async function endedBy<Result>(
  signal: AbortSignal,
  connection: ServerConnection,
  work: () => Promise<Result>,
): Promise<Result> {
  const end = (): void => void connection.end(new AttemptFailure('retry', 'the attempt was ended'));
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', end);
  }
}
