import { expect, test } from 'vitest';
import { shellCommand } from './shell-command.js';

test('quotes what a shell would take for something else', () => {
  expect(shellCommand(['aftercommit', 'run', 'my weather.yaml', '--state', "it's.db", '--follow'])).toBe(
    "aftercommit run 'my weather.yaml' --state 'it'\\''s.db' --follow",
  );
  expect(shellCommand(['run', '$HOME/*.yaml', ''])).toBe("run '$HOME/*.yaml' ''");
});
