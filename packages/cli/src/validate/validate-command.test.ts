import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';

let folder: string;
let io: TestIo;

const twoErrors = `
collections: {}
materializations:
  acmeCo/weather:
    endpoint: { sqlite: { pth: weather.db } }
    bindings: []
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-cli-'));
  io = testIo(folder);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('says that a spec is valid and what is in it', async () => {
  const hook = { url: 'https://example.com/hook' };
  writeWeather(folder, {
    triggers: [
      { name: 'dbt', ...hook },
      { name: 'slack', ...hook },
    ],
  });
  expect(await runCommandLine(['validate', 'weather.yaml'], io)).toBe(0);
  expect(io.stdout.text).toBe('weather.yaml is valid: 1 materialization, 2 triggers\n');
  expect(io.stderr.text).toBe('');
});

test('opens nothing', async () => {
  writeWeather(folder);
  await runCommandLine(['validate', 'weather.yaml'], io);
  expect(existsSync(join(folder, 'weather.db'))).toBe(false);
  expect(existsSync(join(folder, '.aftercommit'))).toBe(false);
});

test('says every issue with its place, and how many there are', async () => {
  writeFileSync(join(folder, 'spec.yaml'), twoErrors);
  expect(await runCommandLine(['validate', 'spec.yaml'], io)).toBe(2);
  const last = io.stdout.lines.at(-1);
  expect(last).toMatch(/^spec\.yaml: \d errors?, 1 warning$/);
  expect(io.stdout.text).toMatch(/^spec\.yaml:5:\d+ +error +.*"pth".*CONFIG_UNKNOWN_FIELD$/m);
});

test('warnings alone leave a spec valid', async () => {
  writeWeather(folder, { triggers: [{ url: 'https://example.com/hook', maxAttempts: 0 }] });
  expect(await runCommandLine(['validate', 'weather.yaml'], io)).toBe(0);
  expect(io.stdout.lines.at(-1)).toBe('weather.yaml is valid: 1 materialization, 1 trigger, 1 warning');
});

test('as JSON is one object per issue, and their number', async () => {
  writeFileSync(join(folder, 'spec.yaml'), twoErrors);
  expect(await runCommandLine(['validate', 'spec.yaml', '--json'], io)).toBe(2);
  const objects = io.stdout.objects;
  expect(objects).toContainEqual(
    expect.objectContaining({
      event: 'issue',
      file: 'spec.yaml',
      line: 5,
      severity: 'error',
      code: 'CONFIG_UNKNOWN_FIELD',
    }),
  );
  const errors = objects.filter(({ severity }) => severity === 'error').length;
  expect(objects.at(-1)).toEqual({ event: 'validated', errors, warnings: 1 });
  expect(errors).toBeGreaterThan(0);
});

test('is coloured on a terminal only, and never with NO_COLOR', async () => {
  writeFileSync(join(folder, 'spec.yaml'), twoErrors);
  await runCommandLine(['validate', 'spec.yaml'], io);
  expect(io.stdout.text).not.toContain('\u001B');
  const terminal = testIo(folder, { isTTY: true });
  await runCommandLine(['validate', 'spec.yaml'], terminal);
  expect(terminal.stdout.text).toContain('\u001B[31m');
  const plain = testIo(folder, { isTTY: true, env: { NO_COLOR: '1' } });
  await runCommandLine(['validate', 'spec.yaml'], plain);
  expect(plain.stdout.text).not.toContain('\u001B');
});
