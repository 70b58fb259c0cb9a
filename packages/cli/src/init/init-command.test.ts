import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { typingIo } from '../../test/typed-answers.js';
import { runCommandLine } from '../run-command-line.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-init-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function init(io: TestIo, ...args: string[]): Promise<number> {
  return await runCommandLine(['init', ...args], io);
}

function writeOrders(name: string, ...ids: number[]): void {
  writeFileSync(join(folder, name), ids.map((id) => `${JSON.stringify({ total: 5, id })}\n`).join(''));
}

function written(file = 'aftercommit.yaml') {
  return parse(readFileSync(join(folder, file), 'utf8'));
}

describe('with --yes', () => {
  test('an empty folder gets a spec and data, and a run of it ends well', async () => {
    const io = testIo(folder);
    expect(await init(io, '--yes')).toBe(0);
    expect(io.stdout.lines[0]).toBe('Written: aftercommit.yaml, weather.ndjson (sample data)');
    expect(io.stderr.text).toBe('');
    const run = testIo(folder);
    expect(await runCommandLine(['run', 'aftercommit.yaml'], run)).toBe(0);
    expect(run.stdout.text).toContain('done: 5 documents, 1 transaction');
  });

  test('what stands in its comment is a trigger once the comment signs are gone', async () => {
    await init(testIo(folder), '--yes');
    const text = readFileSync(join(folder, 'aftercommit.yaml'), 'utf8');
    const commented = text.replaceAll(/^ {4}# (?=triggers:| )/gm, '    ');
    writeFileSync(join(folder, 'aftercommit.yaml'), commented);
    const io = testIo(folder);
    expect(await runCommandLine(['validate', 'aftercommit.yaml'], io)).toBe(0);
    expect(io.stdout.text).toBe('aftercommit.yaml is valid: 1 materialization, 1 trigger\n');
  });

  test('a file that is there is read, by the field that tells its documents apart', async () => {
    writeOrders('orders.ndjson', 1, 2, 3);
    const io = testIo(folder);
    expect(await init(io, 'orders.yaml', '--yes')).toBe(0);
    expect(written('orders.yaml')).toEqual({
      collections: { orders: { key: ['/id'], source: { ndjson: 'orders.ndjson' } } },
      materializations: {
        'views/orders': {
          endpoint: { sqlite: { path: 'orders.db' } },
          bindings: [{ source: 'orders', resource: { table: 'orders' } }],
        },
      },
    });
    expect(readdirSync(folder).sort()).toEqual(['orders.ndjson', 'orders.yaml']);
  });

  test('files that look alike are read together', async () => {
    mkdirSync(join(folder, 'days'));
    writeOrders('days/2024-01-01.ndjson', 1);
    writeOrders('days/2024-01-02.ndjson', 2);
    await init(testIo(folder), '--yes');
    expect(written().collections).toEqual({ days: { key: ['/id'], source: { ndjson: 'days/*.ndjson' } } });
  });

  test('of files that differ the first is read, and the others are named', async () => {
    writeOrders('orders.ndjson', 1);
    writeFileSync(join(folder, 'users.ndjson'), '{"email":"a@example.com"}\n');
    const io = testIo(folder);
    await init(io, '--yes');
    expect(written().collections.orders.source).toEqual({ ndjson: 'orders.ndjson' });
    expect(io.stdout.lines).toContain('Not read: users.ndjson. Give each a collection and a binding of its own.');
  });

  test('what is to be read and is not there is named', async () => {
    const io = testIo(folder);
    expect(await init(io, '--yes', '--data', 'orders/*.ndjson', '--key', 'id')).toBe(0);
    expect(io.stdout.lines).toContain(
      'Missing: orders/*.ndjson, which is to be read: put documents there, one JSON object per line.',
    );
    expect(existsSync(join(folder, 'weather.ndjson'))).toBe(false);
  });

  test('every answer can be an option', async () => {
    const options = [
      ...['--data', 'a.ndjson', '--data', 'b/*.ndjson', '--key', 'shop', '--key', '/order/id', '--table', 'all orders'],
      ...['--endpoint', 'postgres', '--endpoint-field', 'address=db:5433', '--endpoint-field', 'database=shop'],
      ...['--endpoint-field', 'user=writer', '--kind', 'webhook', '--field', 'url=https://example.com/hook'],
      ...[
        '--field',
        'maxAttempts=5',
        '--field',
        'onFailure=park',
        '--field',
        'payloadTemplate={"docs": {{docs_total}}}',
      ],
    ];
    expect(await init(testIo(folder), '--yes', ...options)).toBe(0);
    expect(written()).toEqual({
      collections: { a: { key: ['/shop', '/order/id'], source: { ndjson: ['a.ndjson', 'b/*.ndjson'] } } },
      materializations: {
        'views/a': {
          endpoint: { postgres: { address: 'db:5433', database: 'shop', user: 'writer' } },
          bindings: [{ source: 'a', resource: { table: 'all orders' } }],
          triggers: {
            config: {
              webhook: {
                kind: 'webhook',
                url: 'https://example.com/hook',
                maxAttempts: 5,
                onFailure: 'park',
                payloadTemplate: '{"docs": {{docs_total}}}',
              },
            },
          },
        },
      },
    });
  });

  test('PostgreSQL is where its own programs look for it', async () => {
    const env = { PGHOST: 'db.internal', PGPORT: '5433', PGDATABASE: 'shop', PGUSER: 'writer' };
    expect(await init(testIo(folder, { env }), '--yes', '--endpoint', 'postgres')).toBe(0);
    expect(written().materializations['views/weather'].endpoint.postgres).toEqual({
      address: 'db.internal:5433',
      database: 'shop',
      user: 'writer',
    });
  });

  test('a secret comes from standard input, and the file is private', async () => {
    const io = testIo(folder);
    io.stdin.push('https://hooks.slack.com/services/T0/B0/s3cret\n');
    io.stdin.push(null);
    expect(await init(io, '--yes', '--kind', 'slack')).toBe(0);
    expect(written().materializations['views/weather'].triggers.config.slack).toEqual({
      kind: 'slack',
      secretUrl: 'https://hooks.slack.com/services/T0/B0/s3cret',
    });
    expect(statSync(join(folder, 'aftercommit.yaml')).mode & 0o777).toBe(0o600);
    expect(io.stdout.lines.at(-1)).toBe(
      "secretUrl is in the file as you gave it. To encrypt it: aftercommit seal aftercommit.yaml --age 'age1…'",
    );
    expect(`${io.stdout.text}${io.stderr.text}`).not.toContain('s3cret');
  });

  test('as JSON is one object per file, and per file that is missing', async () => {
    const io = testIo(folder);
    await init(io, '--yes', '--json');
    expect(io.stdout.objects).toEqual([
      { event: 'written', file: 'aftercommit.yaml', holds: 'spec' },
      { event: 'written', file: 'weather.ndjson', holds: 'sample data' },
    ]);
    const other = testIo(folder);
    await init(other, 'other.yaml', '--yes', '--json', '--data', 'none.ndjson', '--key', 'id');
    expect(other.stdout.objects).toEqual([
      { event: 'written', file: 'other.yaml', holds: 'spec' },
      { event: 'missing', file: 'none.ndjson' },
    ]);
  });

  test.each([
    [['--data', ''], '--data has an empty name'],
    [['--data', 'none.ndjson'], '--key <field> is missing: nothing is usual there, so say it.'],
    [['--key', 'a~b'], '--key <field>: This JSON pointer of the key has a "~" that is not escaped'],
    [['--endpoint', 'sqlit'], '--endpoint <name>: There is no endpoint sqlit: did you mean sqlite?'],
    [['--endpoint-field', 'pth=x'], 'There is no field pth of endpoint sqlite: did you mean path?'],
    [['--endpoint-field', 'path'], '--endpoint-field path: write a field and its value: --endpoint-field name=value.'],
    [['--endpoint', 'postgres'], '--endpoint-field database=… is missing'],
    [['--table', ''], '--table <name>: '],
    [['--kind', 'slak'], '--kind <kind>: There is no trigger kind slak: did you mean slack?'],
    [['--kind', 'webhook'], '--field url=… is missing'],
    [['--kind', 'none', '--field', 'url=https://example.com'], 'there is to be none'],
    [['--field', 'ulr=https://example.com'], 'There is no field ulr of kind webhook: did you mean url?'],
    [
      ['--field', 'secretUrl=https://example.com/s3cret'],
      'it is secret, and everybody on this machine can see arguments',
    ],
    [['--field', 'url=ftp://example.com'], 'These answers do not go together; nothing was written.\n'],
    [['--field', 'url=https://example.com', '--field', 'timeout=soon'], 'nothing was written.\n'],
  ])('%j is refused, and nothing is written', async (options, message) => {
    const io = testIo(folder);
    expect(await init(io, '--yes', ...options)).toBe(2);
    expect(io.stderr.text).toContain(message);
    expect(io.stderr.text).not.toContain('s3cret');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('at a terminal', () => {
  test('asks for what it cannot know, and writes what was answered', async () => {
    writeOrders('orders.ndjson', 1, 2);
    const io = typingIo(folder);
    const ended = init(io);
    await io.type('What is read? (orders.ndjson)', '\r');
    await io.type('identify a document? (id)', 'total, id\r');
    await io.type('sqlite or postgres?', '\r');
    await io.type('(orders.db)', 'shop.db\r');
    await io.type('Into which table?', '\r');
    await io.type('none, or a trigger kind: airflow, command', 'webhook\r');
    await io.type('without user and password.\n', 'https://example.com/hook\r');
    expect(await ended).toBe(0);
    expect(written()).toMatchObject({
      collections: { orders: { key: ['/total', '/id'] } },
      materializations: {
        'views/orders': {
          endpoint: { sqlite: { path: 'shop.db' } },
          triggers: { config: { webhook: { url: 'https://example.com/hook' } } },
        },
      },
    });
    expect(io.stdout.text).not.toContain('?');
  });

  test('Enter takes everything that --yes takes', async () => {
    const io = typingIo(folder);
    const ended = init(io);
    for (const question of ['What is read', 'identify', 'rows go', 'database file', 'which table', 'Who is told']) {
      await io.type(question, '\r');
    }
    expect(await ended).toBe(0);
    const text = readFileSync(join(folder, 'aftercommit.yaml'), 'utf8');
    await init(testIo(folder), 'other.yaml', '--yes', '--data', 'weather.ndjson');
    expect(readFileSync(join(folder, 'other.yaml'), 'utf8')).toBe(text);
  });

  test('an answer that is none is said to be, and asked for again', async () => {
    const io = typingIo(folder);
    const ended = init(io, '--data', 'x.ndjson', '--key', 'id', '--endpoint', 'sqlite', '--table', 't');
    await io.type('database file', '\r');
    await io.type('Who is told', 'slak\r');
    await io.type('There is no trigger kind slak: did you mean slack?', 'slack\r');
    await io.type('It is not shown.\n', 'slack.com\r');
    await io.type('.\nsecretUrl: ', 'https://hooks.slack.com/services/T0/B0/s3cret\r');
    expect(await ended).toBe(0);
    expect(written().materializations['views/x'].triggers.config.slack.kind).toBe('slack');
    expect(io.stderr.text).not.toContain('s3cret');
  });

  test('Tab completes', async () => {
    const io = typingIo(folder);
    const ended = init(io, '--data', 'x.ndjson', '--key', 'id', '--endpoint-field', 'path=x.db', '--table', 't');
    for (const keys of ['sq', '\t', '\r']) await io.type('rows go', keys);
    for (const keys of ['no', '\t', '\r']) await io.type('Who is told', keys);
    expect(await ended).toBe(0);
    expect(written().materializations['views/x']).not.toHaveProperty('triggers');
  });

  test.each([
    ['Ctrl-C', '\u0003', 130],
    ['the end of input', '\u0004', 2],
  ])('%s writes nothing', async (_what, key, exitCode) => {
    const io = typingIo(folder);
    const ended = init(io);
    await io.type('What is read', '\r');
    await io.type('identify', key);
    expect(await ended).toBe(exitCode);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('Ctrl-C at a secret writes nothing', async () => {
    const io = typingIo(folder);
    const ended = init(io, '--yes', '--kind', 'slack');
    await io.type('It is not shown.', 'https://hooks\u0003');
    expect(await ended).toBe(130);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ])('with %j has colours: %j', async (env, hasColours) => {
    const io = typingIo(folder, env);
    const ended = init(io);
    await io.type('What is read', '\u0003');
    expect(await ended).toBe(130);
    expect(io.stderr.text.includes('\u001B[1m')).toBe(hasColours);
  });
});

test('without a terminal it says how to do without', async () => {
  const io = testIo(folder);
  expect(await init(io, 'orders.yaml')).toBe(2);
  expect(io.stderr.text).toContain('aftercommit init orders.yaml --yes');
  expect(readdirSync(folder)).toEqual([]);
});

test('never writes over a file', async () => {
  writeFileSync(join(folder, 'aftercommit.yaml'), 'mine');
  const io = testIo(folder);
  expect(await init(io, '--yes')).toBe(2);
  expect(io.stderr.text).toContain('aftercommit.yaml is there already, and is not written over.');
  expect(readFileSync(join(folder, 'aftercommit.yaml'), 'utf8')).toBe('mine');
  expect(readdirSync(folder)).toEqual(['aftercommit.yaml']);
});

test('a folder that is not there is named', async () => {
  const io = testIo(folder);
  expect(await init(io, 'pipelines/orders.yaml', '--yes')).toBe(2);
  expect(io.stderr.text).toBe('There is no folder pipelines: make it first, or give another path.\n');
});
