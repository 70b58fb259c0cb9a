import { describe, expect, test } from 'vitest';
import { requireKnownNames, unknownNames } from './unknown-names.js';
import { UsageError } from './usage-error.js';

const known = ['slack', 'dbt', 'pager'];
const trigger = { what: 'trigger' };

describe('unknownNames', () => {
  test('says nothing where all are there', () => {
    expect(unknownNames([], known, trigger)).toBeUndefined();
    expect(unknownNames(['dbt', 'slack'], known, trigger)).toBeUndefined();
  });

  test.each([
    ['slak', known, 'There is no trigger slak: did you mean slack?'],
    ['Slack', known, 'There is no trigger Slack: did you mean slack?'],
    ['airflow', known, 'There is no trigger airflow: there are slack, dbt and pager.'],
    ['airflow', ['slack', 'dbt'], 'There is no trigger airflow: there are slack and dbt.'],
    ['airflow', ['slack'], 'There is no trigger airflow: there is only slack.'],
    ['airflow', [], 'There is no trigger airflow: there is none.'],
    ['', known, 'There is no trigger "": there are slack, dbt and pager.'],
    ['on call', ['on-call'], 'There is no trigger "on call": did you mean on-call?'],
    ['a\u001b[2Jb', [], 'There is no trigger "a [2Jb": there is none.'],
  ])('says of %j what was meant, or what there is', (name, names, message) => {
    expect(unknownNames([name], names, trigger)).toBe(message);
  });

  test('has a sentence for each, once, and lists each name once', () => {
    expect(unknownNames(['slak', 'pager', 'airflow', 'slak'], ['slack', 'pager', 'slack'], trigger)).toBe(
      'There is no trigger slak: did you mean slack?\nThere is no trigger airflow: there are slack and pager.',
    );
  });

  test('says where it was looked for', () => {
    const things = { what: 'materialization', where: 'in weather.yaml' };
    expect(unknownNames(['acmeCo/view'], ['acmeCo/views'], things)).toBe(
      'There is no materialization acmeCo/view in weather.yaml: did you mean acmeCo/views?',
    );
  });

  test('lists at most ten', () => {
    const many = Array.from({ length: 12 }, (_, index) => `trigger-number-${index}`);
    expect(unknownNames(['x'], many, trigger)).toMatch(/^There is no trigger x: there are .*-8, .*-9 and 2 more\.$/);
  });
});

describe('requireKnownNames', () => {
  test('refuses the arguments', () => {
    expect(() => requireKnownNames(['slak'], known, trigger)).toThrow(UsageError);
    expect(() => requireKnownNames(['slack'], known, trigger)).not.toThrow();
  });
});
