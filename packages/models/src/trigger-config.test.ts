import { describe, expect, it } from 'vitest';
import { commonTriggerFields, triggerNamePattern, triggerNameProblem } from './trigger-config.js';

describe('triggerNameProblem', () => {
  const legal = ['a', '0', 'dbt', 'A.b_c-d', 'constructor', 'toString', 'x'.repeat(64), 'sops_', 'a_sopsb'];
  const illegal = ['', '-a', '.a', '_a', '__proto__', 'a b', 'a/b', 'é', 'a\n', 'x'.repeat(65)];
  const sealed = ['a_sops', `${'x'.repeat(59)}_sops`, '_sops'];

  it.each(legal)('accepts %j, and so does the pattern', (name) => {
    expect(triggerNameProblem(name)).toBeUndefined();
    expect(name).toMatch(new RegExp(triggerNamePattern, 'u'));
  });

  it.each(illegal)('refuses %j, and so does the pattern', (name) => {
    expect(triggerNameProblem(name)).toBe(
      'must be 1 to 64 letters, digits, ".", "_" or "-", and start with a letter or digit',
    );
    expect(name).not.toMatch(new RegExp(triggerNamePattern, 'u'));
  });

  it.each(sealed)('refuses %j, which looks sealed, and so does the pattern', (name) => {
    expect(triggerNameProblem(name)).toBe('must not end in "_sops", which marks sealed fields');
    expect(name).not.toMatch(new RegExp(triggerNamePattern, 'u'));
  });
});

describe('commonTriggerFields', () => {
  it('may change without sealing again, but for kind and name', () => {
    const fields = Object.entries(commonTriggerFields);
    const nonsensitive = fields.filter(([, schema]) => 'nonsensitive' in schema && schema.nonsensitive === true);
    expect(nonsensitive.map(([name]) => name)).toEqual([
      'payloadTemplate',
      'timeout',
      'maxAttempts',
      'interval',
      'onFailure',
    ]);
  });

  it.each(['timeout', 'maxAttempts'] as const)('says at %s that the task fails when both are used up', (field) => {
    const { description } = commonTriggerFields[field] as { description?: string };
    expect(description).toContain('The task fails when timeout and maxAttempts are used up.');
  });
});
