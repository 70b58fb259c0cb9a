/** A message of the server beside its replies. */
export type Notice = {
  /** The function in the source of the server that says it: the same in every language. */
  readonly routine: string | undefined;
  /** What it says, in the server's language. */
  readonly message: string | undefined;
};

/** A client of `pg` 8.23 or later that belongs to the host. A pool is none: it has no transaction. */
export interface HostClient {
  /** Runs one statement, and resolves when the server has answered. */
  query(query: { text: string; name?: string; values?: unknown[] }): Promise<{
    /** What the server did: `COMMIT`, or `ROLLBACK` where the transaction had failed. */
    readonly command: string;
  }>;
  /** `T`: in a transaction. `E`: in one that has failed. */
  getTransactionStatus(): 'I' | 'T' | 'E' | null;
  /** Begins to tell of what the server says beside its replies. */
  on(event: 'notice', listener: (notice: Notice) => void): unknown;
  /** Ends that. */
  removeListener(event: 'notice', listener: (notice: Notice) => void): unknown;
}

/**
 * Whether the server has stopped waiting for a standby: it has committed, and nobody knows whether the standby has. Its code is that of
 * every warning, also of those that a trigger of the host raises, and its text is in the server's language.
 */
export function isStandbyMissed({ routine }: Pick<Notice, 'routine'>): boolean {
  return routine === 'SyncRepWaitForLSN';
}

/** Whether it is in a transaction, be it one that has failed. */
export function isInTransaction(client: HostClient): boolean {
  const status = 'getTransactionStatus' in client ? client.getTransactionStatus() : null;
  return status === 'T' || status === 'E';
}
