import { isJsonObject } from '@aftercommit/models';
import { describe, expect, it } from 'vitest';
import { issuesOf } from '../test/sample-kinds.js';

describe('secrets in issues', () => {
  const secret = 'hunter2-2f1a6c5d4e3b';
  /** May be quoted: they are readable in a sealed configuration too, and a message without them helps nobody. */
  const quotable = ['kind', 'name', 'payloadTemplate', 'timeout', 'maxAttempts', 'interval', 'onFailure'];
  const full = {
    interval: '30m',
    config: [
      {
        kind: 'webhook',
        name: 'dbt',
        url: 'https://example.com',
        method: 'POST',
        headers: { Authorization: 'a', 'X-Key': 'b' },
        payloadTemplate: '{}',
        timeout: '30s',
        maxAttempts: 3,
        interval: '10m',
        onFailure: 'block',
      },
    ],
  };
  const misplaced = [secret, [secret], { Authorization: secret }, { [`${'x'.repeat(80)}`]: secret }, [[{ a: secret }]]];

  it.each(pathsOf(full))('never quotes a secret that stands at %j, in whatever form', (...path) => {
    const field = path.at(-1);
    for (const value of misplaced) {
      const text = JSON.stringify(issuesOf(replaced(full, path, value)));
      if (typeof value === 'string' && typeof field === 'string' && quotable.includes(field)) continue;
      expect(text).not.toContain(secret);
    }
  });

  it.each(['token', 'hedaers', '__proto__', 'constructor', 'sops'])(
    'never quotes a secret in an unknown field %j',
    (field) => {
      for (const value of misplaced) {
        const inside = JSON.parse(JSON.stringify(full).replace('"url"', `"${field}":${JSON.stringify(value)},"url"`));
        const beside = JSON.parse(
          JSON.stringify(full).replace('"config"', `"${field}":${JSON.stringify(value)},"config"`),
        );
        for (const config of [inside, beside]) {
          const issues = issuesOf(config);
          expect(issues).not.toEqual([]);
          expect(JSON.stringify(issues)).not.toContain(secret);
        }
      }
    },
  );

  it('never quotes a secret that takes the place of a trigger, of all triggers, or of everything', () => {
    for (const value of [secret, [secret], { config: secret }, { config: [secret] }, { config: { a: secret } }]) {
      const issues = issuesOf(value);
      expect(issues).not.toEqual([]);
      expect(JSON.stringify(issues)).not.toContain(secret);
    }
  });
});

type Path = Array<string | number>;

/** The places of a value, its own left out. */
function pathsOf(value: unknown): Path[] {
  if (Array.isArray(value)) return value.flatMap((inner, index) => below(index, inner));
  return isJsonObject(value) ? Object.entries(value).flatMap(([key, inner]) => below(key, inner)) : [];
}

function below(step: string | number, inner: unknown): Path[] {
  return [[step], ...pathsOf(inner).map((path) => [step, ...path])];
}

function replaced(value: unknown, [step, ...rest]: Path, replacement: unknown): unknown {
  if (step === undefined) return replacement;
  if (Array.isArray(value)) return value.with(Number(step), replaced(value[Number(step)], rest, replacement));
  return isJsonObject(value) ? { ...value, [step]: replaced(value[step], rest, replacement) } : value;
}
