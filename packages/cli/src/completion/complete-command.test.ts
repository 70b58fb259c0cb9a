import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testIo } from '../../test/command-line-bench.js';
import { runCommandLine } from '../run-command-line.js';

let folder: string;

const spec = `
materializations:
  acme/orders:
    endpoint: { sqlite: { path: a.db } }
    bindings: []
    triggers: { config: { slack: { kind: slack }, dbt: { url: x } } }
  acme/users:
    triggers: triggers.yaml
  acme/listed:
    triggers: { config: [{ name: pager }, { url: y }] }
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-completion-'));
  writeFileSync(join(folder, 'weather.yaml'), spec);
  writeFileSync(join(folder, 'triggers.yaml'), 'config: { elsewhere: {} }\n');
  writeFileSync(join(folder, 'broken.yaml'), `${spec}\n  half: {`);
  writeFileSync(join(folder, 'alias.yaml'), 'materializations: *none\n');
  writeFileSync(
    join(folder, 'hostile.yaml'),
    `
materializations:
  acme/$(id): {}
  "a\\nb": {}
  acme/\`id\`: {}
  acme/fine: { triggers: { config: { "a;id": {}, "\\e[2J": {}, pager: {} } } }
`,
  );
  writeFileSync(join(folder, 'foreign.yaml'), 'materializations: [1, 2]\n');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a shell is told of the last of these words. */
async function complete(...words: string[]): Promise<string[]> {
  const io = testIo(folder);
  expect(await runCommandLine(['__complete', '--', ...words], io)).toBe(0);
  expect(io.stderr.text).toBe('');
  return io.stdout.lines.map((line) => line.split('\t')[0] ?? '');
}

test.each<[words: string[], completions: string[]]>([
  [['sta'], ['status']],
  [
    ['parked', ''],
    ['list', 'show', 'replay', 'drop', 'help'],
  ],
  [['parked', 're'], ['replay']],
  [['run', 'weather.yaml', '--fol'], ['--follow']],
  [['run', '--state', 'x', 'weather.yaml', '--acc'], ['--accept-endpoint']],
  [['run', '--nothing'], []],
  [['run', ''], [':files yaml yml json']],
  [['run', '--follow', 'wea'], [':files yaml yml json']],
  [['run', 'weather.yaml', ''], []],
  [['run', '--state', ''], [':files']],
  [['run', '--plugin', './'], [':files']],
  [
    ['run', '--egress', 'p'],
    ['private', 'public'],
  ],
  [['run', '--concurrency', ''], []],
  [['run', '--', '--fol'], [':files yaml yml json']],
  [['kinds', 's'], ['slack']],
  [['init', '--kind', 'web'], ['webhook']],
  [
    ['init', '--endpoint', ''],
    ['sqlite', 'postgres'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [
    ['set', 'weather.yaml', ''],
    ['acme/orders', 'acme/users', 'acme/listed'],
  ],
  [
    ['set', 'weather.yaml', 'acme/orders', ''],
    ['slack', 'dbt'],
  ],
  [['set', 'weather.yaml', 'acme/users', ''], ['elsewhere']],
  [['set', 'weather.yaml', 'acme/listed', ''], ['pager']],
  [['seal', 'weather.yaml', 'acme/o'], ['acme/orders']],
  [
    ['parked', 'replay', 'weather.yaml', '--trigger', ''],
    ['slack', 'dbt', 'elsewhere', 'pager'],
  ],
  [['parked', 'drop', 'weather.yaml', '--outbox', 's'], ['slack']],
  [['set', 'broken.yaml', 'acme/o'], ['acme/orders']],
  [['set', 'none.yaml', ''], []],
  [['set', 'foreign.yaml', ''], []],
  [['set', 'hostile.yaml', ''], ['acme/fine']],
  [['set', 'hostile.yaml', 'acme/fine', ''], ['pager']],
  [['set', '.', ''], []],
  [['set', 'alias.yaml', ''], []],
  [['nothing', ''], []],
])('%j may become %j', async (words, completions) => {
  expect(await complete(...words)).toEqual(completions);
});

test('an empty line may become each command that help shows, and says what it does', async () => {
  const io = testIo(folder);
  await runCommandLine(['__complete', '--', ''], io);
  expect(io.stdout.lines.find((line) => line.startsWith('verify'))).toContain('\tSays ');
  const help = testIo(folder);
  await runCommandLine(['--help'], help);
  const [, listed = ''] = /^Commands:\n([\s\S]*?)\n\n/m.exec(help.stdout.text) ?? [];
  const names = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name);
  expect(io.stdout.lines.map((line) => line.split('\t')[0])).toEqual(names);
  expect(help.stdout.text).not.toContain('__complete');
});

test('a script is printed for each shell, and for no other', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const [plain, json] = [testIo(folder), testIo(folder)];
    expect(await runCommandLine(['completion', shell], plain)).toBe(0);
    await runCommandLine(['completion', shell, '--json'], json);
    expect(plain.stdout.text).toContain('__complete -- ');
    expect(json.stdout.objects).toEqual([{ event: 'completion', shell, script: plain.stdout.text }]);
  }
  const io = testIo(folder);
  expect(await runCommandLine(['completion', 'tcsh'], io)).toBe(2);
  expect(io.stderr.text).toContain('bash, zsh, fish');
});
