import { lookup } from 'node:dns';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import Type from 'typebox';
import { testKindMutants } from '../test/kind-mutant.js';
import {
  opening,
  type PlainHttpConfig,
  type PlainHttpKind,
  plainHttp,
  plainHttpSchema,
} from '../test/plain-http-kind.js';

const registered = 'is accepted by a registry: known contract, legal name, no field that every trigger has already';
const closed = 'declares a closed schema whose fields have a title and a description';
const defaults = 'gives each field a default that the field can have';
const secretNames = 'annotates as secret what is called a password, a token, a key or a header';
const oneAnnotation = 'calls no field both secret and nonsensitive';
const accepts = 'accepts a configuration that works';
const finds = 'finds what is wrong with invalid configurations, where it is';
const issues = 'gives issues as a list, each with a severity, a pointer and a message';
const sealed = 'looks at a sealed configuration, whose secret values are absent, without finding fault';
const looksOnly = 'neither contacts anybody nor reads anything to check or describe a configuration, and is quick';
const unchanged = 'leaves the configuration, the attempt and its variables as they were';
const context = 'gives templates a context of plain JSON, with no name that every window has';
const template = 'has a default template, if any, that renders as JSON whatever the window says';

const { url, token } = plainHttpSchema.properties;
const withFields = (fields: Parameters<typeof Type.Object>[0], options = {}) => ({
  caughtBy: '',
  differs: () =>
    ({ configSchema: Type.Object({ url, token, ...fields }, options) }) as unknown as Partial<PlainHttpKind>,
});
const text = { title: 'A', description: 'B.' };
const validating = (validate: (config: PlainHttpConfig) => unknown) => () => ({ validate }) as Partial<PlainHttpKind>;
const describing = (describe: (config: PlainHttpConfig) => void) => () => ({
  describeTarget(config: PlainHttpConfig) {
    describe(config);
    return plainHttp.describeTarget(config);
  },
});
const fault = { severity: 'error', pointer: '/url', message: 'refused' } as const;

testKindMutants({
  'was written for another contract': {
    caughtBy: registered,
    differs: () => ({ contractVersion: 2 }) as unknown as Partial<PlainHttpKind>,
  },
  'has a name in capitals': { caughtBy: registered, differs: () => ({ kind: 'Plain_HTTP' }) },
  'declares what every trigger has': {
    ...withFields({ timeout: Type.Optional(Type.String(text)) }),
    caughtBy: registered,
  },
  'allows any field': { ...withFields({}, { additionalProperties: true }), caughtBy: registered },
  'allows any field, and is not closed': {
    ...withFields({}, { additionalProperties: Type.String() }),
    caughtBy: closed,
  },
  'says no title': { ...withFields({ a: Type.Optional(Type.String({ description: 'B.' })) }), caughtBy: closed },
  'says an empty description': {
    ...withFields({ a: Type.Optional(Type.String({ title: 'A', description: ' ' })) }),
    caughtBy: closed,
  },
  'has a default that does not match': {
    ...withFields({ a: Type.Optional(Type.Integer({ ...text, minimum: 1, default: 0 })) }),
    caughtBy: defaults,
  },
  'has a default that does not match, further inside': {
    ...withFields({ a: Type.Optional(Type.Object({ b: Type.String({ ...text, default: 3 }) }, text)) }),
    caughtBy: defaults,
  },
  'does not seal its password': {
    ...withFields({ password: Type.Optional(Type.String(text)) }),
    caughtBy: secretNames,
  },
  'does not seal a key further inside': {
    ...withFields({ login: Type.Optional(Type.Object({ apiKey: Type.String(text) }, text)) }),
    caughtBy: secretNames,
  },
  'does not seal its headers': {
    ...withFields({ headers: Type.Optional(Type.Record(Type.String(), Type.String(), text)) }),
    caughtBy: secretNames,
  },
  'does not seal one of a list of tokens': {
    ...withFields({ tokens: Type.Optional(Type.Array(Type.String(), text)) }),
    caughtBy: secretNames,
  },
  'releases what is secret': {
    ...withFields({ pin: Type.Optional(Type.String({ ...text, secret: true, nonsensitive: true })) }),
    caughtBy: oneAnnotation,
  },
  'finds fault where there is none': { caughtBy: accepts, differs: validating(() => [fault]) },
  'offers templates what every window has, to a registry': {
    caughtBy: accepts,
    differs: () => ({ templateContext: () => ({ run_id: 'mine' }) }),
  },
  'finds no fault where there is one': {
    caughtBy: finds,
    subject: { invalidConfigs: [{ config: { url: 'nowhere' }, pointer: '/url' }] },
    differs: validating(() => []),
  },
  'finds fault in another place': {
    caughtBy: finds,
    subject: { invalidConfigs: [{ config: { url: 'nowhere' }, pointer: '/url' }] },
    differs: validating(() => [{ ...fault, pointer: '/token' }]),
  },
  'promises its issues': { caughtBy: issues, differs: validating(async () => []) },
  'gives no list of issues': { caughtBy: issues, differs: validating(() => true) },
  'gives an issue without a message': {
    caughtBy: issues,
    differs: validating(() => [{ ...fault, severity: 'warning', message: '' }]),
  },
  'gives an issue of its own severity': {
    caughtBy: issues,
    differs: validating(() => [{ ...fault, severity: 'fatal' }]),
  },
  'gives an issue with a path that is no pointer': {
    caughtBy: issues,
    differs: validating(() => [{ ...fault, severity: 'warning', pointer: 'url' }]),
  },
  'misses a token that is sealed': {
    caughtBy: sealed,
    differs: validating((config) => (config.token === undefined ? [{ ...fault, pointer: '/token' }] : [])),
  },
  'fails over a token that is sealed': {
    caughtBy: sealed,
    differs: validating((config) => ((config.token as string).startsWith('x') ? [fault] : [])),
  },
  'describes nothing when it is sealed': {
    caughtBy: sealed,
    differs: () => ({ describeTarget: ({ token, url }: PlainHttpConfig) => (token === undefined ? '' : url) }),
  },
  'fails to give templates their context when it is sealed': {
    caughtBy: sealed,
    differs: () => ({
      templateContext: (config: PlainHttpConfig) => ({ scheme: (config.token as string).slice(0, 6) }),
    }),
  },
  'resolves a name to check it': {
    caughtBy: looksOnly,
    differs: describing(() => lookup('localhost', () => undefined)),
  },
  'asks the receiver to check it': {
    caughtBy: looksOnly,
    differs: validating((config) => {
      void fetch(config.url, { method: 'HEAD' }).catch(() => undefined);
      return [];
    }),
  },
  'asks the receiver when templates are compiled': {
    caughtBy: looksOnly,
    differs: () => ({
      templateContext(config: PlainHttpConfig) {
        void fetch(config.url, { method: 'HEAD' }).catch(() => undefined);
        return {};
      },
    }),
  },
  'reads a file to check': {
    caughtBy: looksOnly,
    differs: validating(() => (existsSync('/etc/hosts') ? [] : [fault])),
  },
  'reads a file to describe itself': { caughtBy: looksOnly, differs: describing(() => void readFile('/etc/hosts')) },
  'does later what checking should not do': {
    caughtBy: looksOnly,
    differs: describing(() => void setTimeout(() => undefined, 1)),
  },
  'takes long to check': {
    caughtBy: looksOnly,
    differs: describing(() => {
      const until = performance.now() + 600;
      while (performance.now() < until);
    }),
  },
  'changes its configuration': {
    caughtBy: unchanged,
    differs: opening(async (sound, config) => {
      config.url += '/';
      return sound;
    }),
  },
  'takes its secret out of its configuration': {
    caughtBy: unchanged,
    differs: validating((config) => {
      delete config.token;
      return [];
    }),
  },
  'changes the variables of an attempt': {
    caughtBy: unchanged,
    differs: opening(async (sound) => ({
      attempt(attempt) {
        attempt.variables.collection_names.push('more');
        return sound.attempt(attempt);
      },
    })),
  },
  'changes the attempt': {
    caughtBy: unchanged,
    differs: opening(async (sound) => ({
      attempt(attempt) {
        attempt.idempotencyKey = 'mine';
        return sound.attempt(attempt);
      },
    })),
  },
  'hides a variable of the window': {
    caughtBy: context,
    differs: () => ({ templateContext: () => ({ run_id: 'mine' }) }),
  },
  'gives templates what JSON cannot say': {
    caughtBy: context,
    differs: () => ({ templateContext: () => ({ at: new Date(0) as unknown as string }) }),
  },
  'gives templates no object': {
    caughtBy: context,
    differs: () => ({ templateContext: () => ['a'] }) as unknown as Partial<PlainHttpKind>,
  },
  'has a default template that does not compile': {
    caughtBy: template,
    differs: () => ({ defaultPayloadTemplate: '{"a":{{#if}}' }),
  },
  'has a default template that reads what is not there': {
    caughtBy: template,
    differs: () => ({ defaultPayloadTemplate: '{"a":"{{no_such}}"}' }),
  },
  'has a default template that is no JSON': {
    caughtBy: template,
    differs: () => ({ defaultPayloadTemplate: 'run {{run_id}}' }),
  },
  'has a default template that some collections break': {
    caughtBy: template,
    differs: () => ({
      defaultPayloadTemplate:
        '{"a":[{{#each collection_names}}"{{this}}",{{/each}}"z"{{#if (gt (len collection_names) 1)}}]{{/if}}}',
    }),
  },
});
