import { expect, test } from 'vitest';
import { patternsProblem } from './ndjson-patterns.js';

test.each([[['a.ndjson']], [['data/**/*.ndjson', '/var/b.ndjson']], [['-']], [['!(old)*.ndjson']], [['./-']]])(
  'finds nothing wrong with %j',
  (patterns) => {
    expect(patternsProblem(patterns)).toBeUndefined();
  },
);

test.each([
  [[], 'names no file'],
  [['a', ''], 'has an empty name'],
  [['a\0b'], 'NUL'],
  [['a.ndjson', '-'], 'standard input (-) beside something else'],
  [['-', '-'], 'standard input (-) beside something else'],
  [['*.ndjson', '!old.ndjson'], 'excludes files by "!old.ndjson"'],
])('says what is wrong with %j', (patterns, problem) => {
  expect(patternsProblem(patterns)).toContain(problem);
});
