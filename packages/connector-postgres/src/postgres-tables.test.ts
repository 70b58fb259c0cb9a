import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { missingPostgres } from '../../../tests/servers/postgres-server.js';
import { bind, PostgresBench } from '../test/postgres-bench.js';

let bench: PostgresBench;

describe.skipIf(missingPostgres !== undefined)('a table in PostgreSQL', () => {
  beforeAll(async () => {
    bench = await PostgresBench.start();
  });
  afterAll(() => bench.stop());
  beforeEach(() => bench.begin());
  afterEach(() => bench.end());

  test.each([
    ['a table', 'CREATE TABLE theirs (x text)'],
    ['a view', 'CREATE VIEW theirs AS SELECT 1'],
    ['a sequence', 'CREATE SEQUENCE theirs'],
  ])('is never %s that somebody else made', async (what, sql) => {
    await bench.query(sql);
    await expect(bench.open({ bindings: [bind('theirs')] })).rejects.toMatchObject({
      code: 'ENDPOINT_REFUSED',
      message: expect.stringContaining(`${what} of this name is there`),
    });
  });

  test("is never another materialization's", async () => {
    await bench.write({ id: 1 });
    await expect(bench.open({ materialization: 'acme/others' })).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
  });

  test('that was dropped is made again with its columns, and may then be taken over', async () => {
    await bench.write({ id: 1, name: 'a' });
    await bench.query('DROP TABLE orders');
    const { opened } = await bench.open();
    expect(opened.newBindings).toEqual(new Set([0]));
    expect(await bench.columns()).toEqual({ id: 'bigint', flow_document: 'json', name: 'text' });
    await bench.query('DROP TABLE orders');
    const other = await bench.open({ materialization: 'acme/others' });
    await bench.commit(other.connector, { id: 'a' });
    expect(await bench.columns()).toEqual({ id: 'text', flow_document: 'json' });
    const { connector } = await bench.open({ bindings: [bind('elsewhere')] });
    await bench.commit(connector, { id: 1 });
    await expect(bench.open()).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
  });

  test('that is empty is made anew for another key at the first acknowledge, and one with rows keeps its key', async () => {
    await bench.open();
    const other = [bind('orders', { key: ['/id', '/part'] })];
    const { connector } = await bench.open({ bindings: other });
    expect(Object.keys(await bench.columns())).toEqual(['id', 'flow_document']);
    await connector.acknowledge();
    expect(Object.keys(await bench.columns())).toEqual(['id', 'part', 'flow_document']);
    await (await bench.open()).connector.acknowledge();
    await bench.write({ id: 1 });
    await expect(bench.open({ bindings: other })).rejects.toMatchObject({
      code: 'ENDPOINT_REFUSED',
      message: expect.stringContaining('it was made for the key /id'),
    });
  });

  test('may be in a schema of its own, which must be there', async () => {
    const bindings = [bind('orders', { schema: `${bench.schema}_other` })];
    await expect(bench.open({ bindings })).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
    await bench.query(`CREATE SCHEMA ${bench.schema}_other`);
    bench.bindings = bindings;
    await bench.write({ id: 1 });
    expect(await bench.query(`SELECT id FROM ${bench.schema}_other.orders`)).toEqual([{ id: '1' }]);
    await expect(bench.open({ config: { schema: 'nowhere' } })).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
  });

  test.each([
    [bind('aftercommit_table')],
    [bind('a\0b')],
    [bind('n'.repeat(64))],
    [bind('twice'), bind('twice')],
    [bind('orders', { key: [''] })],
  ])('has a name that can be one of its own (%#)', async (...bindings) => {
    await expect(bench.open({ bindings })).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
  });

  test('is taken from the session that has it open when it is dropped: the next one makes it again', async () => {
    const { connector } = await bench.open();
    await bench.query('DROP TABLE orders');
    await expect(bench.commit(connector, { id: 1 })).rejects.toMatchObject({ code: 'ENDPOINT_CORRUPT' });
    await bench.write({ id: 1 });
    expect(await bench.documents()).toEqual([{ id: 1 }]);
  });

  test('is written whatever a trigger warns of in the commit that somebody added', async () => {
    await bench.write({ id: 1 });
    await bench.query(
      `CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'mind it'; RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION warn()`,
    );
    await bench.write({ id: 2 });
    expect(await bench.documents()).toHaveLength(2);
  });

  test('refuses rows with a constraint of somebody else, and the message has no data in it', async () => {
    await bench.write({ id: 1, name: 'a' });
    await bench.query("ALTER TABLE orders ADD CHECK (name <> 'a-secret-name')");
    const { connector } = await bench.open();
    const error = await bench.commit(connector, { id: 2, name: 'a-secret-name' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ENDPOINT_REFUSED' });
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).not.toContain('a-secret-name');
  });
});
