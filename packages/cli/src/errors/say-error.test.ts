import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testIo } from '../../test/command-line-bench.js';
import { writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-errors-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('with --json an error is an object on standard output, and the exit code is as without:', () => {
  test.each<[string, string[], string, string | RegExp]>([
    [
      'an unknown option',
      ['run', 'weather.yaml', '--fllow'],
      'USAGE',
      /^Unknown option '--fllow' \(did you mean --foll/,
    ],
    ['an unknown command', ['rum'], 'USAGE', /^Unknown command 'rum' \(did you mean run\?\)/],
    ['a missing argument', ['validate'], 'USAGE', /^Missing required argument 'spec'/],
    ['options that exclude each other', ['status', '--state', 'a', '--store', 'b'], 'USAGE', /cannot be used with/],
    ['what means nothing', ['status'], 'USAGE', /^Name a spec, or with --store/],
    ['a spec that is not there', ['run', 'none.yaml'], 'SPEC_UNREADABLE', /^There is no file none\.yaml/],
    ['a folder', ['validate', '.'], 'SPEC_UNREADABLE', /is a folder/],
    ['a state that is not there', ['status', 'weather.yaml'], 'STATE_MISSING', /^There is no state /],
    ['a name that is not there', ['kinds', 'wehbook'], 'NAME_UNKNOWN', /did you mean webhook/],
    ['a field given twice', ['unseal', 'twice.yaml'], 'SPEC_INVALID', 'twice.yaml: 1 error'],
    ['workers without a database', ['run', 'weather.yaml', '--coordinate'], 'USAGE', /AFTERCOMMIT_STORE/],
  ])('%s', async (_what, args, code, message) => {
    writeWeather(folder);
    writeFileSync(join(folder, 'twice.yaml'), 'collections: {}\ncollections: {}\nmaterializations: {}\n');
    const [plain, json] = [testIo(folder), testIo(folder)];
    expect(await runCommandLine(args, plain)).toBe(2);
    expect(plain.stdout.text).toBe('');
    expect(plain.stderr.text).not.toBe('');
    expect(await runCommandLine([...args, '--json'], json)).toBe(2);
    expect(json.stderr.text).toBe('');
    const said = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(json.stdout.objects.at(-1)).toEqual({ event: 'error', code, message: said });
  });

  test('a state that cannot be read', async () => {
    writeWeather(folder);
    mkdirSync(join(folder, '.aftercommit'));
    writeFileSync(
      join(folder, '.aftercommit', 'state.db'),
      'this is no database, but a text that is longer than a header',
    );
    for (const command of [['status'], ['plan'], ['verify'], ['parked', 'list']]) {
      const [plain, json] = [testIo(folder), testIo(folder)];
      expect(await runCommandLine([...command, 'weather.yaml'], plain)).toBe(1);
      expect(plain.stderr.text).toMatch(/^STORE_CORRUPT: .*state\.db/);
      expect(await runCommandLine([...command, 'weather.yaml', '--json'], json)).toBe(1);
      expect([json.stderr.text, json.stdout.objects]).toEqual([
        '',
        [{ event: 'error', code: 'STORE_CORRUPT', message: expect.stringContaining('state.db') }],
      ]);
    }
  });

  test('a database of others instead of the state, in which nothing is made', async () => {
    writeWeather(folder);
    const file = join(folder, 'weather.db');
    const others = new Database(file);
    others.exec('CREATE TABLE orders (id INTEGER)');
    others.close();
    const before = readFileSync(file);
    for (const command of [['status'], ['verify'], ['parked', 'list']]) {
      const io = testIo(folder);
      expect(await runCommandLine([...command, 'weather.yaml', '--state', 'weather.db', '--json'], io)).toBe(2);
      expect(io.stdout.objects).toMatchObject([{ event: 'error', code: 'STATE_MISSING' }]);
      expect(readFileSync(file)).toEqual(before);
    }
  });

  test('plugins that cannot be used, each in an object of its own', async () => {
    writeWeather(folder);
    const io = testIo(folder);
    const plugins = ['--plugin', './none.mjs', '--plugin', 'nowhere-package'];
    expect(await runCommandLine(['validate', 'weather.yaml', '--json', ...plugins], io)).toBe(2);
    expect(io.stdout.objects).toMatchObject([
      { event: 'error', code: 'PLUGIN_NOT_FOUND', plugin: './none.mjs', message: expect.any(String) },
      { event: 'error', code: 'PLUGIN_NOT_INSTALLED', plugin: 'nowhere-package', message: expect.any(String) },
    ]);
  });

  test('one that nobody foresaw, without its words while the spec is read', async () => {
    const io = testIo(folder);
    Object.defineProperty(io, 'cwd', {
      get: () => {
        throw new TypeError('no key in 0f1e2d3c4b5a');
      },
    });
    expect(await runCommandLine(['validate', 'weather.yaml', '--json'], io)).toBe(1);
    expect(io.stdout.objects).toEqual([
      {
        event: 'error',
        code: 'UNEXPECTED',
        message: expect.stringMatching(/^Unexpected TypeError; its message is not/),
      },
    ]);
    expect(io.stdout.text + io.stderr.text).not.toContain('0f1e2d3c4b5a');
  });
});

test('what stands behind -- asks for nothing', async () => {
  const io = testIo(folder);
  expect(await runCommandLine(['validate', '--', '--json'], io)).toBe(2);
  expect([io.stdout.text, io.stderr.text]).toEqual(['', expect.stringMatching(/^There is no file --json/)]);
});
