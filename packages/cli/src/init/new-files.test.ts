import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testIo } from '../../test/command-line-bench.js';
import { runCommandLine } from '../run-command-line.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-new-files-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What is said of a call that is refused. */
async function refusalOf(...args: string[]): Promise<string> {
  const io = testIo(folder);
  expect(await runCommandLine(['init', '--yes', ...args], io)).toBe(2);
  expect(io.stdout.text).toBe('');
  return io.stderr.text;
}

test('a schema that cannot be written leaves nothing behind', async () => {
  expect(await refusalOf('--schema', 'schemas/a.json')).toBe(
    'schemas/a.json cannot be written (no such file or directory): make its folder first. Nothing was written.\n',
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('something in the way of the sample data is kept, and nothing else is there', async () => {
  symlinkSync('nowhere', join(folder, 'weather.ndjson'));
  expect(await refusalOf()).toMatch(/^weather\.ndjson is there already, and is not written over\./);
  expect(readdirSync(folder)).toEqual(['weather.ndjson']);
  expect(readlinkSync(join(folder, 'weather.ndjson'))).toBe('nowhere');
});

test('a link that leads nowhere is not written through', async () => {
  symlinkSync('elsewhere.yaml', join(folder, 'aftercommit.yaml'));
  expect(await refusalOf()).toMatch(/^aftercommit\.yaml is there already/);
  expect(readdirSync(folder)).toEqual(['aftercommit.yaml']);
});

test('a file that is written in part is removed', () => {
  // Files of this process are no longer than one block, as on a disk that is full.
  const script = `ulimit -f 1; exec '${process.execPath}' --import tsx --conditions=aftercommit-source \
'${join(import.meta.dirname, '../process-program.ts')}' init '${join(folder, 'a.yaml')}' --yes --data x.ndjson --key id --kind none --schema s.json 2>&1 | cat`;
  const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(stdout).toContain('a.yaml cannot be written (file too large): look at its folder, and whether there is room.');
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['pipelines/', '"pipelines/" is no name of a file: give one, such as pipelines/aftercommit.yaml.\n'],
  ['-', '"-" is no name of a file: give one, such as aftercommit.yaml.\n'],
  ['', '"" is no name of a file: give one, such as aftercommit.yaml.\n'],
])('"%s" names no file', async (specPath, message) => {
  expect(await refusalOf(specPath)).toBe(message);
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder is not written over', async () => {
  mkdirSync(join(folder, 'a.yaml'));
  expect(await refusalOf('a.yaml')).toMatch(/^a\.yaml is there already/);
});

test('a schema that is named by an absolute path is said to be there', async () => {
  mkdirSync(join(folder, 'pipelines'));
  const schema = join(folder, 's.json');
  const io = testIo(folder);
  await runCommandLine(['init', 'pipelines/a.yaml', '--yes', '--json', '--schema', schema], io);
  expect(io.stdout.objects.map(({ file }) => file)).toEqual(['pipelines/a.yaml', 'pipelines/weather.ndjson', schema]);
  expect(JSON.parse(readFileSync(schema, 'utf8'))).toHaveProperty('title', 'Spec of aftercommit');
});

// Even who may read every file cannot read where a process has no memory.
test.skipIf(process.platform !== 'linux')('data that cannot be read is named, and nothing is written', async () => {
  expect(await refusalOf('--data', '/proc/self/mem')).toBe(
    '/proc/self/mem cannot be read (i/o error): look at its permissions, or say with --data what is read instead.\n',
  );
  writeFileSync(join(folder, 'b.ndjson'), '{"id":1}\n');
  symlinkSync('/proc/self/mem', join(folder, 'c.ndjson'));
  expect(await refusalOf()).toMatch(/^c\.ndjson cannot be read/);
  expect(readdirSync(folder)).toEqual(['b.ndjson', 'c.ndjson']);
});
