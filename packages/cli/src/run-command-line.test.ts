import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@aftercommit/runtime-adapter';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestIo, testIo } from '../test/command-line-bench.js';
import { writeWeather } from '../test/weather-spec.js';
import { runCommandLine } from './run-command-line.js';

let folder: string;
let io: TestIo;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-cli-'));
  io = testIo(folder);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('help', () => {
  test('without arguments is an error', async () => {
    expect(await runCommandLine([], io)).toBe(2);
    expect(io.stderr.text).toContain('Usage: aftercommit');
    expect(io.stdout.text).toBe('');
  });

  test.each([
    [['--help'], 'aftercommit validate weather.yaml'],
    [['run', '--help'], 'aftercommit run weather.yaml --follow'],
    [['help', 'validate'], 'aftercommit validate weather.yaml --json'],
    [['verify', '--help'], 'aftercommit verify weather.yaml --all'],
  ])('of %j has examples', async (args, example) => {
    expect(await runCommandLine(args, io)).toBe(0);
    expect(io.stdout.text).toContain(`$ ${example}`);
    expect(io.stderr.text).toBe('');
  });

  test('names every option of run', async () => {
    await runCommandLine(['run', '--help'], io);
    const options = [
      '--state <file>',
      '--follow',
      '--json',
      '--accept-endpoint',
      '--drain',
      '--retry-now',
      '--concurrency',
    ];
    for (const option of options) expect(io.stdout.text).toContain(option);
    expect(io.stdout.text).not.toContain('default: false');
  });

  test('the version is that of the package', async () => {
    expect(await runCommandLine(['--version'], io)).toBe(0);
    const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(io.stdout.text).toBe(`${manifest.version}\n`);
  });
});

describe('arguments that cannot be used', () => {
  test.each([
    [['rum'], "Unknown command 'rum' (did you mean run?). See aftercommit --help.\n"],
    [['help', 'rum'], 'There is no command rum: did you mean run?\n'],
    [['parked', 'lst'], "Unknown command 'lst' (did you mean list?). See aftercommit parked --help.\n"],
    [['run', '--fllow', 'a.yaml'], "Unknown option '--fllow' (did you mean --follow?). See aftercommit run --help.\n"],
    [
      ['run', 'a.yaml', '--stroe=postgres://me:hunter2@host/state'],
      "Unknown option '--stroe'. See aftercommit run --help.\n",
    ],
    [['run'], "Missing required argument 'spec'. See aftercommit run --help.\n"],
    [['validate'], "Missing required argument 'spec'. See aftercommit validate --help.\n"],
    [
      ['run', 'a.yaml', '--concurrency', '0'],
      "Option '--concurrency <n>' argument '0' is invalid. It is a whole number, at least 1. See aftercommit run --help.\n",
    ],
    [['run', '--state'], "Option '--state <file>' argument missing. See aftercommit run --help.\n"],
    [['validate', 'a.yaml', 'b.yaml'], 'Too many arguments'],
    [['run', 'none.yaml'], 'There is no file none.yaml: give the path of a spec, such as weather.yaml.\n'],
    [['validate', 'none.yaml'], 'There is no file none.yaml: give the path of a spec, such as weather.yaml.\n'],
    [['validate', '.'], '. is a folder: give the path of the spec in it, such as ./weather.yaml.\n'],
  ])('%j say so in one sentence', async (args, sentence) => {
    expect(await runCommandLine(args, io)).toBe(2);
    expect(io.stderr.text).toContain(sentence);
    expect(io.stderr.lines).toHaveLength(1);
    expect(io.stdout.text).toBe('');
  });

  test('a spec that is not text says so', async () => {
    writeFileSync(join(folder, 'image.yaml'), Buffer.from([0x89, 0xff, 0x00]));
    expect(await runCommandLine(['validate', 'image.yaml'], io)).toBe(2);
    expect(io.stderr.text).toBe('image.yaml is not UTF-8 text: save the spec as UTF-8.\n');
  });

  test('a path through a file says what the system says', async () => {
    mkdirSync(join(folder, 'specs'));
    writeFileSync(join(folder, 'specs', 'one.yaml'), '');
    expect(await runCommandLine(['run', 'specs/one.yaml/two.yaml'], io)).toBe(2);
    expect(io.stderr.text).toContain('specs/one.yaml/two.yaml cannot be read (not a directory)');
  });
});

describe('an error that nobody foresaw', () => {
  const failing = (): never => {
    throw Object.assign(new TypeError('no key in 0f1e2d3c4b5a', { cause: '0f1e2d3c4b5a' }), { at: '0f1e2d3c4b5a' });
  };

  test('is shown with where it happened and without the secrets of the spec', async () => {
    const hook = { url: 'https://example.com', headers: { Authorization: 'Bearer 0f1e2d3c4b5a' } };
    writeWeather(folder, { triggers: [hook] });
    mkdirSync(join(folder, '.aftercommit'));
    writeFileSync(join(folder, '.aftercommit', 'state.db'), '');
    for (const args of [
      ['run', 'weather.yaml'],
      ['status', 'weather.yaml'],
    ]) {
      const told = testIo(folder, { clock: { ...systemClock, now: failing } });
      expect(await runCommandLine(args, told)).toBe(1);
      expect(told.stderr.text).toContain('no key in [redacted]');
      expect(told.stderr.text).toContain('run-command-line.test.ts');
      expect(told.stderr.text + told.stdout.text).not.toContain('0f1e2d3c4b5a');
    }
  });

  test('is shown without its words while the spec is being read', async () => {
    const told = testIo(folder);
    Object.defineProperty(told, 'cwd', { get: failing });
    expect(await runCommandLine(['validate', 'weather.yaml'], told)).toBe(1);
    expect(told.stderr.lines[0]).toBe('Unexpected TypeError; its message is not shown, because it may quote the spec.');
    expect(told.stderr.text).toContain('run-command-line.test.ts');
    expect(told.stderr.text).not.toContain('0f1e2d3c4b5a');
  });
});
