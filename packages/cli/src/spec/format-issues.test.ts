import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { formatIssues } from './format-issues.js';
import type { SpecIssue } from './spec-issue.js';

const unknown: SpecIssue = {
  severity: 'error',
  code: 'CONFIG_UNKNOWN_FIELD',
  pointer: '/materializations/m/triggers/config/0/url2',
  trigger: 'slack',
  message: 'There is no field "url2".',
  line: 12,
  column: 7,
};
const empty: SpecIssue = {
  severity: 'warning',
  code: 'CONFIG_EMPTY',
  pointer: '',
  message: 'There is nothing to run.',
  line: 1,
  column: 1,
};

describe('formatIssues', () => {
  it('prints a line for each, in the order of the file, beginning with its place', () => {
    expect(formatIssues([unknown, empty], 'weather.yaml', { isColored: false })).toBe(
      [
        'weather.yaml:1:1   warning  There is nothing to run.  CONFIG_EMPTY',
        'weather.yaml:12:7  error    trigger "slack": There is no field "url2".  CONFIG_UNKNOWN_FIELD',
        '',
      ].join('\n'),
    );
  });

  it('prints nothing when there is nothing to say', () => {
    expect(formatIssues([], 'weather.yaml', { isColored: true })).toBe('');
  });

  it('colours only when it is told to, and the text stays the same', () => {
    const coloured = formatIssues([unknown, empty], 'a.yaml', { isColored: true });
    expect(coloured).toContain('\u001B[31merror');
    expect(coloured).toContain('\u001B[33mwarning');
    expect(stripVTControlCharacters(coloured)).toBe(formatIssues([unknown, empty], 'a.yaml', { isColored: false }));
  });

  it('prints what two materializations share once', () => {
    const twice = [
      { ...unknown, materialization: 'a' },
      { ...unknown, materialization: 'b' },
    ];
    expect(formatIssues(twice, 'a.yaml', { isColored: false }).split('\n')).toHaveLength(2);
  });

  it('keeps an issue on its line and terminals from obeying it', () => {
    const message = 'There is no field "a\nb\u001B[2J\u202E".';
    expect(formatIssues([{ ...empty, message }], 'a.yaml', { isColored: false })).toBe(
      'a.yaml:1:1  warning  There is no field "a\\u{a}b\\u{1b}[2J\\u{202e}".  CONFIG_EMPTY\n',
    );
  });

  it('shows the first twenty, errors before warnings, and how many more there are', () => {
    const errors = Array.from({ length: 5_000 }, (_, index) => ({ ...unknown, line: index + 10, column: 1 }));
    const lines = formatIssues([empty, ...errors], 'a.yaml', { isColored: false })
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(21);
    expect(lines[0]).toMatch(/^a\.yaml:10:1 {2}error/);
    expect(lines[19]).toMatch(/^a\.yaml:29:1 {2}error/);
    expect(lines[20]).toBe('a.yaml: and 4,981 more (validate --json prints all)');
    const twenty = [empty, ...errors.slice(0, 19)];
    expect(formatIssues(twenty, 'a.yaml', { isColored: false }).trimEnd().split('\n')).toHaveLength(20);
  });
});
