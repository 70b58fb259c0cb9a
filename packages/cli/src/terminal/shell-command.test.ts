import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellCommand } from './shell-command.js';

test('quotes what a shell would take for something else', () => {
  expect(shellCommand(['aftercommit', 'run', 'my weather.yaml', '--state', "it's.db", '--follow'])).toBe(
    "aftercommit run 'my weather.yaml' --state 'it'\\''s.db' --follow",
  );
  expect(shellCommand(['run', '$HOME/*.yaml', ''])).toBe("run '$HOME/*.yaml' ''");
});

test('gives a shell what a terminal would obey as an escape', () => {
  const command = shellCommand(['printf', '%s', "a\nb\\ \u001B[2J'"]);
  expect(command).toBe("printf %s $'a\\u000ab\\\\ \\u001b[2J\\''");
  expect(execFileSync('bash', ['-c', command], { encoding: 'utf8' })).toBe("a\nb\\ \u001B[2J'");
});
