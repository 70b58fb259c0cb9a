import { Client } from 'pg';
import { onTestFinished } from 'vitest';

/** A connection of the test itself, as a superuser. It ends with the test. */
export async function connectTo(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // Some tests kill the server.
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Runs SQL over a connection of its own. */
export async function run(url: string, sql: string): Promise<Array<Record<string, unknown>>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const results: unknown = await client.query(sql);
    // Several statements have several results.
    const last = Array.isArray(results) ? results.at(-1) : results;
    return last.rows;
  } finally {
    await client.end();
  }
}

/** Writes a file beside the server's data, as its own user, who alone may read it. */
export async function writeServerFile(url: string, name: string, content: string): Promise<void> {
  const text = Buffer.from(content).toString('base64');
  await run(url, `COPY (SELECT '${text}') TO PROGRAM 'base64 -d > ${name} && chmod 600 ${name}'`);
}

/** Changes a setting of the whole server, and waits until it is so. */
export async function setSetting(url: string, name: string, value: string): Promise<void> {
  await run(url, `ALTER SYSTEM SET ${name} = '${value}'`);
  await run(url, 'SELECT pg_reload_conf()');
  for (;;) {
    const [row] = await run(url, `SHOW ${name}`);
    if (row?.[name] === value) return;
  }
}

/** The process of the server that serves the trigger, once there is one in that state. */
export async function triggersBackend(url: string, state: string): Promise<number> {
  for (;;) {
    const sql = `SELECT pid FROM pg_stat_activity WHERE application_name = 'aftercommit' AND ${state}`;
    const [row] = await run(url, sql);
    if (row !== undefined) return Number(row['pid']);
  }
}
