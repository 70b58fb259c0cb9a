import { StoreError, type StoreSupports } from '@aftercommit/persistence';
import { Connection, type Patience } from './connection.js';
import { durabilityOf } from './durability.js';
import type { Host } from './hosts.js';
import { connectErrorOf } from './postgres-error.js';

/** How connections of a store wait, in milliseconds. */
export type ConnectPatience = Patience & { readonly lockTimeoutMs: number };

/** A connection to a server that takes writes, and what its commits survive. */
export type Connected = { readonly connection: Connection; readonly durability: StoreSupports['durability'] };

/**
 * What each session is set to. Read committed: each statement must see what was committed before it. No statement is ever
 * cancelled by a time-out. Plans are kept, and are made while tables may be small: everything is found by its key. The last ones let
 * the server notice that a host is gone, and with it the locks that it holds.
 */
const settings = `
  set_config('default_transaction_isolation', 'read committed', false),
  set_config('statement_timeout', '0', false),
  set_config('enable_seqscan', 'off', false),
  set_config('enable_hashjoin', 'off', false),
  set_config('enable_mergejoin', 'off', false),
  set_config('lock_timeout', $1, false),
  set_config('idle_in_transaction_session_timeout', '10s', false),
  set_config('tcp_keepalives_idle', '10', false),
  set_config('tcp_keepalives_interval', '5', false),
  set_config('tcp_keepalives_count', '3', false),
  set_config('tcp_user_timeout', '30s', false)`;

/** Where it is off, acknowledged commits are lost when the server crashes: it is turned on. */
const prepareSession = `
  SELECT current_setting('transaction_read_only'), current_setting('server_version_num'), current_setting('server_encoding'),
    current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_standby_names'),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
      ELSE current_setting('synchronous_commit') END, false), ${settings}`;

/**
 * Connects to the first of the servers that takes writes. Throws `STORE_UNAVAILABLE` when none does: nothing was sent.
 *
 * @param where What the store is called in messages.
 */
export async function connectToPrimary(
  hosts: readonly Host[],
  where: string,
  patience: ConnectPatience,
): Promise<Connected> {
  const errors: Array<{ host: string; error: unknown }> = [];
  for (const { name, config } of hosts) {
    try {
      const connection = await Connection.connect(config, patience);
      try {
        return { connection, durability: await prepare(connection, patience) };
      } catch (error) {
        await connection.close();
        throw error;
      }
    } catch (error) {
      errors.push({ host: name, error });
    }
  }
  throw connectErrorOf(errors, where);
}

async function prepare(
  connection: Connection,
  { lockTimeoutMs }: ConnectPatience,
): Promise<StoreSupports['durability']> {
  const [row = []] = await connection.call(prepareSession, [String(lockTimeoutMs)]);
  const texts = row.map(String);
  const [readOnly, version, encoding, fsync = '', fullPageWrites = '', synchronousStandbyNames = ''] = texts;
  const synchronousCommit = texts[6] ?? '';
  if (readOnly === 'on') throw unfit('it takes no writes: it is a standby, or default_transaction_read_only is on');
  const release = Math.floor(Number(version) / 10_000);
  if (release < 15) throw unfit(`it is PostgreSQL ${release}, and 15 is needed`);
  if (encoding !== 'UTF8') throw unfit(`the text of the database is ${encoding}, and UTF8 is needed`);
  return durabilityOf({ fsync, fullPageWrites, synchronousCommit, synchronousStandbyNames });
}

function unfit(reason: string): StoreError {
  return new StoreError('STORE_UNAVAILABLE', reason);
}
