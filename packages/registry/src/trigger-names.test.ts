import { describe, expect, it } from 'vitest';
import { hook, issuesOf, validate } from '../test/sample-kinds.js';

describe('names of triggers', () => {
  const rule =
    'The name of a trigger must be 1 to 64 letters, digits, ".", "_" or "-", and start with a letter or digit.';

  it.each(['', '-a', 'a b', '__proto__', 'x'.repeat(65)])('refuses the name %j in a list and in a map', (name) => {
    const issue = { severity: 'error', code: 'CONFIG_NAME_INVALID', message: rule };
    expect(validate({ config: [{ ...hook, name }] })).toEqual({
      triggers: [],
      issues: [{ ...issue, pointer: '/config/0/name' }],
    });
    expect(validate(JSON.parse(`{"config":{${JSON.stringify(name)}:${JSON.stringify(hook)}}}`))).toEqual({
      triggers: [],
      issues: [{ ...issue, pointer: `/config/${name}` }],
    });
  });

  it('refuses a name that looks sealed', () => {
    expect(issuesOf({ config: { dbt_sops: hook } })).toMatchObject([
      {
        code: 'CONFIG_NAME_INVALID',
        message: 'The name of a trigger must not end in "_sops", which marks sealed fields.',
      },
    ]);
  });

  it.each([5, null, {}, ['a']])('refuses the name %j, which is no string', (name) => {
    expect(issuesOf({ config: [{ ...hook, name }] })).toEqual([
      {
        severity: 'error',
        code: 'CONFIG_NAME_INVALID',
        pointer: '/config/0/name',
        message: 'The name of a trigger must be a string.',
      },
    ]);
  });

  it('refuses a name in a map that is another than the key', () => {
    expect(issuesOf({ config: { a: { ...hook, name: 'b' } } })).toEqual([
      {
        severity: 'error',
        code: 'CONFIG_NAME_INVALID',
        pointer: '/config/a/name',
        trigger: 'a',
        message: 'This trigger is named by its key already, and differently. Remove its name, or make it the same.',
      },
    ]);
  });

  it('refuses the second and the third trigger of one name, and says where the first is', () => {
    const named = { ...hook, name: 'constructor' };
    const { triggers, issues } = validate({ config: [named, hook, named, named] });
    const message = 'Two triggers are called "constructor": here and at /config/0/name. Rename one of them.';
    expect(issues).toEqual(
      ['/config/2/name', '/config/3/name'].map((pointer) => ({
        severity: 'error',
        code: 'CONFIG_NAME_DUPLICATE',
        pointer,
        trigger: 'constructor',
        message,
      })),
    );
    expect(triggers).toHaveLength(2);
  });

  it('tells names apart by letter case', () => {
    expect(issuesOf({ config: { dbt: hook, Dbt: hook } })).toEqual([]);
  });
});
