import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { checkSettings } from './check-settings.js';

const schema = Type.Object({
  path: Type.String({ description: 'The file.' }),
  owner: Type.Union([Type.Literal('endpoint'), Type.Literal('store')], { default: 'endpoint' }),
});

describe('checkSettings', () => {
  it('fills in defaults and leaves the value as it was', () => {
    const value = { path: 'a.db' };
    expect(checkSettings(schema, value, 'sqlite')).toEqual({
      settings: { path: 'a.db', owner: 'endpoint' },
      issues: [],
    });
    expect(value).toEqual({ path: 'a.db' });
  });

  it('says what is missing and what is unknown, with pointers relative to the value', () => {
    const { settings, issues } = checkSettings(schema, { file: 'a.db' }, 'sqlite');
    expect(settings).toBeUndefined();
    expect(issues.map(({ code, pointer, message }) => [code, pointer, message])).toEqual([
      ['CONFIG_INVALID', '/path', 'path is missing (the file).'],
      ['CONFIG_UNKNOWN_FIELD', '/file', 'There is no field "file". Known: path, owner.'],
    ]);
  });

  it('refuses what is misspelt, and says it once', () => {
    const { settings, issues } = checkSettings(schema, { paht: 'a.db' }, 'sqlite');
    expect(settings).toBeUndefined();
    expect(issues.map(({ code, pointer, message }) => [code, pointer, message])).toEqual([
      ['CONFIG_UNKNOWN_FIELD', '/paht', 'There is no field "paht" (did you mean "path"?).'],
    ]);
  });

  it('calls what is wrong as a whole by its name', () => {
    const { issues } = checkSettings(schema, 'a.db', 'sqlite');
    expect(issues.map(({ message }) => message)).toEqual(['sqlite must be an object.']);
  });
});
