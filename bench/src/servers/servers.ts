/** The servers that some contenders need; undefined: it is not installed here. */
export type Servers = {
  /** A connection to PostgreSQL, as `pg` takes it. */
  postgres: { host: string; port: number; user: string; database: string } | undefined;
  redis: { socket: string } | undefined;
};

/** A server that was started for these benchmarks. */
export type Started<Server> = { server: Server; stop(): Promise<void> };
