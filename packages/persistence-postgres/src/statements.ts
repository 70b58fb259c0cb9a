/** A statement with its parameters, prepared once on each connection under its name. */
export type Statement = { readonly name: string; readonly text: string };

/** Every statement of a store. Names and keys come back in hexadecimal digits, whatever the session's `bytea_output`. */
export type Statements = Readonly<
  Record<'tasks' | 'open' | 'read' | 'get' | 'list' | 'heldEpoch' | 'request' | 'standings' | 'write', Statement>
>;

export function statementsIn(schema: string): Statements {
  const named = (name: string, text: string): Statement => ({ name: `${schema}.${name}`, text });
  const held = 'held.task = $1 AND held.owner = $2 AND held.epoch = $3';
  return {
    tasks: named('tasks', `SELECT encode(task, 'hex') FROM ${schema}.task WHERE epoch > 0 ORDER BY task`),
    // Without a time of ours: the server's clock counts, and is the same for every host.
    open: named(
      'open',
      `INSERT INTO ${schema}.task AS known (task, owner, epoch)
        VALUES ($1, $2, greatest($3::bigint + 1, coalesce($4::bigint, floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint)))
        ON CONFLICT (task) DO UPDATE SET owner = excluded.owner, epoch = greatest(known.epoch + 1, excluded.epoch)
        RETURNING epoch, messages`,
    ),
    read: named('read', `SELECT encode(key, 'hex'), value FROM ${schema}.entry WHERE task = $1 ORDER BY key`),
    // No row: fenced. NULL: no value.
    get: named(
      'get',
      `SELECT entry.value FROM ${schema}.task AS held
        LEFT JOIN ${schema}.entry AS entry ON entry.task = held.task AND entry.key = $4 WHERE ${held}`,
    ),
    // No row: fenced. One row of NULLs: no keys.
    list: named(
      'list',
      `SELECT encode(entry.key, 'hex'), entry.value FROM ${schema}.task AS held
        LEFT JOIN ${schema}.entry AS entry ON entry.task = held.task AND entry.key >= $4 AND entry.key < $5
        WHERE ${held} ORDER BY entry.key`,
    ),
    heldEpoch: named('heldEpoch', `SELECT epoch FROM ${schema}.task WHERE task = $1`),
    // The key is `mailboxKey` of the message's number.
    request: named(
      'request',
      `WITH counted AS (
          INSERT INTO ${schema}.task AS known (task, messages) VALUES ($1, 1)
          ON CONFLICT (task) DO UPDATE SET messages = known.messages + 1 RETURNING messages
        )
        INSERT INTO ${schema}.entry (task, key, value)
        SELECT $1, convert_to('mailbox/' || lpad(messages::text, 16, '0'), 'UTF8'), $2 FROM counted`,
    ),
    // Of tasks that stood so when they were last looked at: how those stand that do not any more.
    standings: named(
      'standings',
      `SELECT encode(task, 'hex'), encode(stands.owner, 'hex'), stands.epoch, stands.messages
        FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[]) AS seen (task, owner, epoch, messages)
        LEFT JOIN ${schema}.task AS stands USING (task)
        WHERE (stands.owner, stands.epoch, stands.messages) IS DISTINCT FROM (seen.owner, seen.epoch, seen.messages)`,
    ),
    write: named(
      'write',
      `SELECT place, refusal, detail FROM ${schema}.write_batches($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    ),
  };
}
