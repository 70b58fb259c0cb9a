import { Client } from 'pg';

/** Runs statements on a connection of their own; returns the rows of all of them. */
export async function runStatements(url: string, ...statements: string[]): Promise<Array<Record<string, unknown>>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const rows: Array<Record<string, unknown>> = [];
    for (const statement of statements) rows.push(...(await client.query(statement)).rows);
    return rows;
  } finally {
    await client.end();
  }
}

/**
 * Does something again and again, until the server waits for a standby with it, and cancels that wait. A setting of the server takes
 * a moment to arrive everywhere. Returns what the last one failed with.
 */
export async function cancelWaitForStandby(url: string, act: (time: number) => Promise<unknown>): Promise<unknown> {
  const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;
  for (let time = 1; ; time += 1) {
    let isSettled = false;
    const acting = act(time)
      .then(
        () => undefined,
        (error: unknown) => error,
      )
      .finally(() => {
        isSettled = true;
      });
    await until(async () => isSettled || (await runStatements(url, cancel)).length > 0);
    const error = await acting;
    if (error !== undefined) return error;
  }
}

/** Looks every 20 ms, until it is so. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}
