import type { Connection } from './connection.js';

type Waiting = { readonly isPatient: boolean; readonly take: () => void };

/**
 * A few connections for all tasks. They are made when they are needed, kept, and thrown away when they broke. One is never
 * taken by work that may wait for a lock, so that whoever stands still with a task holds up no other.
 */
export class ConnectionPool {
  readonly #connect: () => Promise<Connection>;
  readonly #size: number;
  readonly #idle: Connection[] = [];
  readonly #waiting: Waiting[] = [];
  #inUse = 0;
  #patient = 0;
  #whenUnused: (() => void) | undefined;

  /** @param size At least 2. */
  constructor(connect: () => Promise<Connection>, size: number) {
    this.#connect = connect;
    this.#size = size;
  }

  /**
   * Does work on a connection that nobody else has meanwhile. Fails with what `connect` throws, or with what the work does.
   *
   * @param options.isPatient Whether the work may wait for a lock that somebody else holds.
   */
  async use<Result>(
    work: (connection: Connection) => Promise<Result>,
    { isPatient = false }: { isPatient?: boolean } = {},
  ): Promise<Result> {
    await this.#turn(isPatient);
    try {
      const connection = await this.#take();
      try {
        return await work(connection);
      } finally {
        if (connection.isUsable) this.#idle.push(connection);
      }
    } finally {
      this.#leave(isPatient);
    }
  }

  /** Ends all connections, once nobody uses one any more. */
  async close(): Promise<void> {
    if (this.#inUse > 0) {
      await new Promise<void>((resolve) => {
        this.#whenUnused = resolve;
      });
    }
    await Promise.all(this.#idle.splice(0).map((connection) => connection.close()));
  }

  /** Gives back one that was made before anybody needed it. */
  add(connection: Connection): void {
    this.#idle.push(connection);
  }

  async #take(): Promise<Connection> {
    for (;;) {
      // The one that was used last: its server was there a moment ago.
      const connection = this.#idle.pop();
      if (connection === undefined) return this.#connect();
      if (connection.isUsable) return connection;
    }
  }

  #hasRoom(isPatient: boolean): boolean {
    return this.#inUse < this.#size && (!isPatient || this.#patient < this.#size - 1);
  }

  async #turn(isPatient: boolean): Promise<void> {
    if (!this.#hasRoom(isPatient)) {
      // Whoever leaves counts it in: nobody else can come between.
      await new Promise<void>((take) => this.#waiting.push({ isPatient, take }));
      return;
    }
    this.#enter(isPatient);
  }

  #enter(isPatient: boolean): void {
    this.#inUse += 1;
    if (isPatient) this.#patient += 1;
  }

  #leave(isPatient: boolean): void {
    this.#inUse -= 1;
    if (isPatient) this.#patient -= 1;
    const next = this.#waiting.findIndex((waiting) => this.#hasRoom(waiting.isPatient));
    const [waiting] = next < 0 ? [] : this.#waiting.splice(next, 1);
    if (waiting !== undefined) {
      this.#enter(waiting.isPatient);
      waiting.take();
    }
    if (this.#inUse === 0) this.#whenUnused?.();
  }
}
