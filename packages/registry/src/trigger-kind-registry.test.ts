import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { isRegistryError, RegistryError } from './registry-error.js';
import { defineTriggerKind, type TriggerKind } from './trigger-kind.js';
import { TriggerKindRegistry } from './trigger-kind-registry.js';

function kindOf(overrides: object = {}): TriggerKind {
  const kind = defineTriggerKind({
    contractVersion: 1,
    kind: 'log',
    configSchema: Type.Object({ prefix: Type.String() }),
    describeTarget: () => 'log:',
    open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
  });
  return { ...kind, ...overrides };
}

function registrationOf(...kinds: TriggerKind[]): () => TriggerKindRegistry {
  return () => new TriggerKindRegistry(kinds);
}

describe('TriggerKindRegistry', () => {
  it('finds the kinds it was given by name, and lists them sorted', () => {
    const [log, amqp] = [kindOf(), kindOf({ kind: 'amqp' })];
    const registry = new TriggerKindRegistry(new Set([log, amqp]));

    expect(registry.names).toEqual(['amqp', 'log']);
    expect(registry.kinds).toEqual([amqp, log]);
    expect(registry.find('log')).toBe(log);
    expect(registry.find('Log')).toBeUndefined();
  });

  it.each(['__proto__', 'constructor', 'toString', ''])('finds no kind called %j that nobody registered', (name) => {
    expect(new TriggerKindRegistry([kindOf()]).find(name)).toBeUndefined();
  });

  it.each(['a', '7', 'http-2', 'constructor', 'x'.repeat(32)])('accepts a kind called %j', (kind) => {
    expect(new TriggerKindRegistry([kindOf({ kind })]).names).toEqual([kind]);
  });

  it.each(['', 'Log', 'toString', '__proto__', 'a_b', '-a', 'a-', 'a b', 'é', 'x'.repeat(33), undefined])(
    'refuses a kind called %j',
    (kind) => {
      expect(registrationOf(kindOf({ kind }))).toThrow(
        expect.objectContaining({
          code: 'KIND_NAME_INVALID',
          message: `"${String(kind)}" is no name for a trigger kind: use 1 to 32 lower-case letters, digits and inner hyphens.`,
        }),
      );
    },
  );

  it.each([2, 0, '1', undefined])('refuses a kind of contract version %j by name', (contractVersion) => {
    expect(registrationOf(kindOf({ contractVersion }))).toThrow(
      expect.objectContaining({
        code: 'KIND_CONTRACT_UNKNOWN',
        message: `Trigger kind "log" was written for version ${String(contractVersion)} of the contract; this registry knows version 1. Install versions of both that match.`,
      }),
    );
  });

  it('refuses two kinds of one name, and lists what is registered', () => {
    expect(registrationOf(kindOf({ kind: 'amqp' }), kindOf(), kindOf())).toThrow(
      expect.objectContaining({
        code: 'KIND_DUPLICATE',
        message: 'Two trigger kinds are called "log". Registered so far: amqp, log. Leave one of them out.',
      }),
    );
  });

  it.each([
    ['declares timeout, which every trigger has already', Type.Object({ timeout: Type.String(), url: Type.String() })],
    ['declares name, kind, which every trigger has already', Type.Object({ name: Type.String(), kind: Type.String() })],
    ['declares token_sops, a name that marks sealed', Type.Object({ token_sops: Type.String() })],
    ['declares sops, a name that marks sealed', Type.Object({ sops: Type.String() })],
    ['allows any field', Type.Object({}, { additionalProperties: true })],
    ['allows any field', Type.Object({}, { additionalProperties: Type.String() })],
    ['uses $ref in its configSchema', Type.Object({ login: Type.Array(Type.Ref('Login')) })],
    [
      'uses prefixItems in its configSchema',
      Type.Object({ login: Type.Unsafe({ type: 'array', prefixItems: [{ secret: true }] }) }),
    ],
    ['uses if in its configSchema', Type.Object({ login: Type.Union([Type.Unsafe({ if: { secret: true } })]) })],
    ['has no object schema', Type.String()],
    ['has no object schema', undefined],
  ])('refuses a kind that %s', (problem, configSchema) => {
    expect(registrationOf(kindOf({ configSchema }))).toThrow(
      expect.objectContaining({
        code: 'KIND_SCHEMA_INVALID',
        message: expect.stringContaining(`Trigger kind "log" ${problem}`),
      }),
    );
  });

  it.each(['describeTarget', 'open'])('refuses a kind without the function %s', (name) => {
    for (const value of [undefined, null, 'log:', {}]) {
      expect(registrationOf(kindOf({ [name]: value }))).toThrow(
        expect.objectContaining({
          code: 'KIND_FUNCTION_INVALID',
          message: `Trigger kind "log" has no function ${name}. Write one, as the contract says.`,
        }),
      );
    }
  });

  it.each(['validate', 'templateContext'])('refuses a kind with a %s that is no function', (name) => {
    expect(registrationOf(kindOf({ [name]: undefined }))).not.toThrow();
    for (const value of [null, [], {}]) {
      expect(registrationOf(kindOf({ [name]: value }))).toThrow(
        expect.objectContaining({
          code: 'KIND_FUNCTION_INVALID',
          message: `Trigger kind "log" has a ${name} that is no function. Write one, or leave it away.`,
        }),
      );
    }
  });

  it('finds functions also where a kind inherits them', () => {
    class LogKind {
      readonly contractVersion = 1;
      readonly kind = 'log';
      readonly configSchema = Type.Object({});
      describeTarget(): string {
        return 'log:';
      }
      open(): never {
        throw new Error('not in this test');
      }
    }
    expect(registrationOf(new LogKind())).not.toThrow();
  });

  it('accepts fields that only look like those of every trigger, or like parts of every object', () => {
    const configSchema = Type.Object({ Timeout: Type.String(), constructor: Type.String(), $ref: Type.String() });
    expect(registrationOf(kindOf({ configSchema }))).not.toThrow();
  });
});

describe('isRegistryError', () => {
  it('recognises errors of another copy of the package, and nothing else', () => {
    expect(isRegistryError(new RegistryError('KIND_DUPLICATE', 'x'))).toBe(true);
    expect(isRegistryError({ [Symbol.for('aftercommit.RegistryError')]: true, code: 'KIND_DUPLICATE' })).toBe(true);
    expect(isRegistryError(new Error('x'))).toBe(false);
    expect(isRegistryError(null)).toBe(false);
    expect(isRegistryError('KIND_DUPLICATE')).toBe(false);
  });
});
