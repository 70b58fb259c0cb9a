import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { testIo } from '../../test/command-line-bench.js';
import { runCommandLine } from '../run-command-line.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-found-data-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The collection, and what it is called, of the spec that is written for data that is found. */
async function initFor(content: string | Buffer, file = 'a.ndjson'): Promise<[name: string, collection: unknown]> {
  writeFileSync(join(folder, file), content);
  const io = testIo(folder);
  expect({ exitCode: await runCommandLine(['init', '--yes'], io), error: io.stderr.text }).toEqual({
    exitCode: 0,
    error: '',
  });
  const [entry] = Object.entries(parse(readFileSync(join(folder, 'aftercommit.yaml'), 'utf8')).collections);
  return entry ?? ['', undefined];
}

test.each<[what: string, content: string | Buffer]>([
  ['has no line end', '{"id":1}'],
  ['begins with a byte order mark, and has Windows line ends', '\uFEFF{"id":1}\r\n{"id":2}\r\n'],
  ['begins with an empty line', '\n{"id":1}\n'],
  ['ends in the middle of a line', '{"id":1}\n{"i'],
  ['is no text behind its first line', Buffer.concat([Buffer.from('{"id":1}\n'), Buffer.from([0xff, 0, 0xff, 10])])],
  ['is larger than what is looked at', `{"id":1}\n${'{"id":2,"text":"é"}\n'.repeat(80_000)}`],
])('the key of a file is found that %s', async (_what, content) => {
  expect(await initFor(content)).toEqual(['a', { key: ['/id'], source: { ndjson: 'a.ndjson' } }]);
});

test.each<[content: string, pointer: string]>([
  ['{"a,b":1,"c":2}', '/c'],
  ['{" a ":1,"c":2}', '/c'],
  ['{"":1,"c":2}', '/c'],
  ['{"a/b~c":1}', '/a~1b~0c'],
  ['{"a]: {b":"x"}', '/a]: {b'],
  ['{"true":1}', '/true'],
  ['{"__proto__":1}', '/__proto__'],
  ['{"a":null,"b":1.5,"c":true,"d":{},"e":[],"f":12345678901234567890123}', '/f'],
])('the key of %s is %s', async (content, pointer) => {
  expect(await initFor(content)).toEqual(['a', { key: [pointer], source: { ndjson: 'a.ndjson' } }]);
});

test.each([
  ['日本.ndjson', '日本'],
  ['éclair.ndjson', 'éclair'],
  ["it's: a #.ndjson", 'it_s_a_'],
  ['null.ndjson', 'null'],
  ['1e3.jsonl', '1e3'],
  ['-.ndjson', 'documents'],
])('what is read of %s is called %s', async (file, name) => {
  expect(await initFor('{"id":1}\n', file)).toEqual([name, { key: ['/id'], source: { ndjson: file } }]);
});

test('a file elsewhere can be read by its absolute path', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'aftercommit-elsewhere-'));
  const file = join(elsewhere, 'a.ndjson');
  writeFileSync(file, '{"id":1}\n');
  expect(await runCommandLine(['init', '--yes', '--data', file], testIo(folder))).toBe(0);
  expect(parse(readFileSync(join(folder, 'aftercommit.yaml'), 'utf8')).collections).toEqual({
    a: { key: ['/id'], source: { ndjson: file } },
  });
  rmSync(elsewhere, { recursive: true });
});
