import { Client } from 'pg';

/** How a table takes the rows that arrive. */
export type Behaviour = 'accept' | 'refuse' | 'reject' | 'hang';

/** What arrived in one attempt, whether it was committed or not. */
export type ArrivedRow = { payload: Uint8Array; idempotencyKey: string };

/**
 * A table that remembers every attempt to insert, also one whose transaction comes to nothing: a trigger writes it down
 * over a connection of its own.
 */
export class WatchedTable {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** @param url Of a superuser, and of an empty database. */
  static async create(url: string): Promise<WatchedTable> {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(definition);
    return new WatchedTable(client);
  }

  async behave(behaviour: Behaviour): Promise<void> {
    await this.#client.query('UPDATE behaviour SET name = $1', [behaviour]);
  }

  async arrived(): Promise<ArrivedRow[]> {
    const { rows } = await this.#client.query<{ key: string; payload: Buffer }>(
      'SELECT key, payload FROM arrived ORDER BY id',
    );
    return rows.map(({ key, payload }) => ({ idempotencyKey: key, payload }));
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}

const definition = `
  CREATE EXTENSION dblink;
  CREATE TABLE deliveries (idempotency_key text PRIMARY KEY, payload json NOT NULL);
  CREATE TABLE behaviour (name text NOT NULL);
  INSERT INTO behaviour VALUES ('accept');
  CREATE TABLE arrived (id bigint GENERATED ALWAYS AS IDENTITY, key text NOT NULL, payload bytea NOT NULL);
  CREATE FUNCTION arrive() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      PERFORM dblink_exec(
        format('host=127.0.0.1 port=%s dbname=%s user=postgres', current_setting('port'), current_database()),
        format('INSERT INTO arrived (key, payload) VALUES (%L, %L)', NEW.idempotency_key, convert_to(NEW.payload::text, 'UTF8'))
      );
      CASE (SELECT name FROM behaviour)
        WHEN 'refuse' THEN RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full';
        WHEN 'reject' THEN RAISE EXCEPTION 'not in this table' USING ERRCODE = 'check_violation';
        WHEN 'hang' THEN PERFORM pg_sleep(60);
        ELSE NULL;
      END CASE;
      RETURN NEW;
    END
  $$;
  CREATE TRIGGER arrive BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION arrive();
`;
