import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleProgram } from './bundle-program.js';

const program = await bundleProgram('tests/aftercommit-program.ts', 'aftercommit');

let folder: string;

const spec = `
materializations:
  acme/orders: { triggers: { config: { slack: {}, dbt: {} } } }
  acme/users: {}
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-shells-'));
  mkdirSync(join(folder, 'bin'));
  const command = join(folder, 'bin', 'aftercommit');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(command, 0o755);
  writeFileSync(join(folder, 'weather.yaml'), spec);
  writeFileSync(join(folder, 'my spec.yaml'), spec);
  writeFileSync(join(folder, 'weather.ndjson'), '');
  mkdirSync(join(folder, 'pipelines'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a shell prints that runs this with the command on its path: sorted lines. */
function run(shell: string, args: string[], script: string): string[] {
  const { stdout, stderr, status } = spawnSync(shell, [...args, '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, HOME: folder },
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

const isMissing = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status !== 0;
const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

/** In real shells the script is asked what the last word may become. */
const shells: Record<string, (words: string[]) => string[]> = {
  bash: (words) =>
    run(
      'bash',
      ['--norc'],
      `eval "$(aftercommit completion bash)"
      COMP_WORDS=(aftercommit ${quoted(words)}) COMP_CWORD=${words.length}
      _aftercommit
      printf '%s\\n' "\${COMPREPLY[@]}"`,
    ),
  // What zsh's own functions would be given is printed instead: they work in its line editor alone.
  zsh: (words) =>
    run(
      'zsh',
      ['-f'],
      `compdef() { }
      _describe() { local one; for one in "\${(@P)4}"; do print -r -- "\${\${one%%[^\\\\]:*}}\${\${(M)one%%[^\\\\]:*}[1]}" ; done }
      _files() { local pattern="\${2:-*}"; setopt extendedglob nullglob; print -rl -- \${~pattern} *(/) }
      eval "$(aftercommit completion zsh)"
      words=(aftercommit ${quoted(words)}) CURRENT=${words.length + 1}
      _aftercommit`,
    ),
  fish: (words) =>
    run(
      'fish',
      ['--no-config'],
      `aftercommit completion fish | source
      complete -C ${JSON.stringify(`aftercommit ${words.join(' ')}`)}`,
    ).map((line) => line.split('\t')[0]?.replace(/\/$/, '') ?? ''),
};

describe.each(Object.keys(shells))('%s', (shell) => {
  const complete = (...words: string[]): string[] => shells[shell]?.(words) ?? [];

  test.skipIf(isMissing(shell)).each<[words: string[], completions: string[]]>([
    [['sta'], ['status']],
    [['parked', 're'], ['replay']],
    [['run', 'weather.yaml', '--fol'], ['--follow']],
    [['kinds', 'sl'], ['slack']],
    [
      ['set', 'weather.yaml', ''],
      ['acme/orders', 'acme/users'],
    ],
    [['set', 'weather.yaml', 'acme/orders', 'd'], ['dbt']],
    [['set', 'none.yaml', ''], []],
    [
      ['run', ''],
      ['my spec.yaml', 'pipelines', 'weather.yaml'],
    ],
  ])('%j becomes %j', (words, completions) => {
    const found = complete(...words)
      .filter((one) => one !== 'bin')
      .map((one) => one.replace('\\ ', ' '));
    expect(found).toEqual(completions);
  });
});

test.skipIf(isMissing('bash'))('bash: a value behind = is completed as one behind a space', () => {
  expect(shells['bash']?.(['run', 'weather.yaml', '--egress', '=', 'pu'])).toEqual(['public']);
  expect(shells['bash']?.(['run', 'weather.yaml', '--egress', '='])).toEqual(['listed', 'private', 'public']);
});
