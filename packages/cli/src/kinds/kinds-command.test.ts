import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { runCommandLine } from '../run-command-line.js';

let folder: string;

const pager = `export const pager = {
  contractVersion: 1,
  kind: 'pager',
  defaultPayloadTemplate: '{"run":"{{run_id}}"}',
  configSchema: {
    type: 'object',
    description: 'Wakes\\u001b[2J somebody.',
    required: ['room', 'token'],
    properties: {
      room: { type: 'string', description: 'Whom.' },
      token: { type: 'string', secret: true },
      volume: { type: 'integer', minimum: 1, maximum: 11, default: 11, description: 'How loud. '.repeat(12).trim() },
    },
  },
  describeTarget: () => 'pager:',
  open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
};`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-cli-'));
  writeFileSync(join(folder, 'pager.mjs'), pager);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function kinds(io: TestIo, ...args: string[]): Promise<number> {
  return await runCommandLine(['kinds', ...args], io);
}

test('lists the kinds, where each comes from, and a line for each field', async () => {
  const io = testIo(folder);
  expect(await kinds(io, '--plugin', './pager.mjs')).toBe(0);
  const blocks = io.stdout.text.split('\n\n');
  expect(
    blocks
      .find((block) => block.startsWith('pager'))
      ?.trimEnd()
      .split('\n'),
  ).toEqual([
    'pager  from ./pager.mjs',
    '  Wakes [2J somebody.',
    '  room    text     required          Whom.',
    '  token   text     required, secret',
    `  volume  integer  default 11        ${'How loud. '.repeat(12).trim()}`,
  ]);
  expect(blocks.find((block) => block.startsWith('webhook'))).toContain(
    'webhook  built in, and meant where a trigger names no kind\n',
  );
});

test('shows one kind with what its fields allow, and the fields that every trigger has', async () => {
  const io = testIo(folder);
  expect(await kinds(io, 'pager', '--plugin', './pager.mjs')).toBe(0);
  expect(io.stdout.text).toContain('  volume           integer; 1 to 11; default 11\n');
  expect(io.stdout.text).toContain('  payloadTemplate  text; default {"run":"{{run_id}}"}\n');
  expect(io.stdout.text).not.toContain('webhook  built in');
});

test('fits a terminal, and has colours there alone', async () => {
  const io = testIo(folder, { isTTY: true });
  expect(await kinds(io, '--plugin', './pager.mjs')).toBe(0);
  expect(io.stdout.text).toContain('\u001B[1mpager\u001B[22m');
  expect(io.stdout.text).not.toContain('\u001B[2J');
  for (const line of io.stdout.lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(80);
  expect(io.stdout.text).toContain('…');
});

test('as JSON is one object per kind', async () => {
  const io = testIo(folder);
  expect(await kinds(io, '--json', 'pager', '--plugin', './pager.mjs')).toBe(0);
  expect(io.stdout.objects).toMatchObject([
    {
      event: 'kind',
      kind: 'pager',
      plugin: './pager.mjs',
      defaultPayloadTemplate: '{"run":"{{run_id}}"}',
      fields: [
        { field: 'room', type: 'text', isRequired: true, isSecret: false },
        { field: 'token', isSecret: true },
        { field: 'volume', isRequired: false, default: 11 },
      ],
    },
  ]);
});

test('a kind that is not there names those that are', async () => {
  const io = testIo(folder);
  expect(await kinds(io, 'wehbook')).toBe(2);
  expect(io.stderr.text).toBe(
    'There is no trigger kind wehbook: did you mean webhook? One of a plugin needs --plugin, too.\n',
  );
  const other = testIo(folder);
  expect(await kinds(other, 'carrier-pigeon')).toBe(2);
  expect(other.stderr.text).toMatch(/^There is no trigger kind carrier-pigeon: there are .*webhook/);
});

test('a plugin that cannot be used is an object with --json', async () => {
  const io = testIo(folder);
  expect(await kinds(io, '--json', '--plugin', './none.mjs')).toBe(2);
  expect(io.stdout.objects).toMatchObject([{ event: 'error', code: 'PLUGIN_NOT_FOUND', plugin: './none.mjs' }]);
  expect(io.stderr.text).toBe('');
});

test('with a plugin the process is ended, and without one it ends by itself', async () => {
  const [plain, plugged] = [testIo(folder), testIo(folder)];
  await kinds(plain);
  await kinds(plugged, '--plugin', './pager.mjs');
  expect([plain.exits, plugged.exits]).toEqual([[], [0]]);
});
