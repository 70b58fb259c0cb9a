import { TriggerKindRegistry } from '@aftercommit/registry';
import { defineConnectorKind } from '@aftercommit/runtime-adapter';
import { ageKeySource, ageSealer, sealConfig, sealTriggers } from '@aftercommit/secrets';
import { webhook } from '@aftercommit/webhook';
import Type from 'typebox';
import { describe, expect, test } from 'vitest';
import { identity, recipient } from '../../test/sealing.js';
import { parseSpec } from '../spec/parse-spec.js';
import { checkSpec } from '../spec/read-spec.js';
import { replaceConfig } from './edit-config.js';
import { holdConfigs } from './hold-configs.js';
import { noAccess, type SecretsAccess } from './secrets-access.js';

/** A connector as somebody else would write one, that has a password. */
const warehouse = defineConnectorKind({
  name: 'warehouse',
  configSchema: Type.Object({
    host: Type.String({ pattern: '^[a-z.]+$' }),
    password: Type.String({ secret: true, minLength: 9 }),
  }),
  resourceSchema: Type.Object({ table: Type.String() }),
  resourcePath: ({ table }) => [table],
  connect: () => {
    throw new Error('Nothing is connected while a spec is read.');
  },
});

const installed = { registry: new TriggerKindRegistry([webhook]), connectors: [warehouse], areKindsComplete: true };
const endpoint = ['materializations', 'acmeCo/m', 'endpoint', 'warehouse'];
const withKey: SecretsAccess = { opens: 'always', keys: async () => ({ keySources: [ageKeySource(identity)] }) };

function spec(host: string): string {
  return `
collections:
  acmeCo/a: { key: [/id], source: { ndjson: a.ndjson } }
materializations:
  acmeCo/m:
    endpoint: { warehouse: { host: ${host}, password: hunter2-hunter2 } }
    bindings: [{ source: acmeCo/a, resource: { table: a } }]
`;
}

async function sealed(host: string): Promise<string> {
  const sealer = ageSealer({ recipients: [recipient] });
  const config = { host, password: 'hunter2-hunter2' };
  const { value } = await sealConfig(config, { schema: warehouse.configSchema, sealer });
  return replaceConfig(spec(host), endpoint, value);
}

async function read(text: string, access: SecretsAccess) {
  const parsed = parseSpec(text, 'spec.yaml');
  const readText = (path: string): string => {
    throw new Error(`${path} is not read`);
  };
  return checkSpec(parsed, 'spec.yaml', {
    ...installed,
    held: await holdConfigs(parsed, { ...installed, access, readText }),
  });
}

describe('a sealed endpoint configuration', () => {
  test('is opened with a key', async () => {
    const text = await sealed('db.example');
    expect(text).not.toContain('hunter2');
    const { tasks, issues } = await read(text, withKey);
    expect(issues).toEqual([]);
    expect(tasks[0]?.endpoint?.config).toEqual({ host: 'db.example', password: 'hunter2-hunter2' });
  });

  test('is valid without a key, whatever a check would say of the value of its secret', async () => {
    const { tasks, issues } = await read(await sealed('db.example'), noAccess);
    expect(issues).toEqual([]);
    expect(tasks).toHaveLength(1);
  });

  test('says what is wrong with what is not secret, at its place', async () => {
    const text = (await sealed('db.example')).replace('db.example', 'DB');
    const { issues } = await read(text, noAccess);
    const line = text.split('\n').findIndex((one) => one.includes('DB')) + 1;
    expect(issues).toMatchObject([{ pointer: '/materializations/acmeCo~1m/endpoint/warehouse/host', line }]);
  });

  test('that was changed without its key is refused', async () => {
    const { tasks, issues } = await read((await sealed('db.example')).replace('db.example', 'evil.example'), withKey);
    expect(tasks).toEqual([]);
    expect(issues).toMatchObject([{ code: 'CONFIG_SEALED', message: expect.stringContaining('was changed after') }]);
  });
});

describe('sealed triggers', () => {
  const secretUrl = 'https://hooks.example.com/t0ken';
  const signingKeys = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'];
  const triggers = { config: { chat: { payloadTemplate: '{}', secretUrl, signingKeys } } };
  const place = ['materializations', 'acmeCo/m', 'triggers'];

  async function readSealed(access: SecretsAccess) {
    const sealer = ageSealer({ recipients: [recipient] });
    const { value } = await sealTriggers(triggers, { schemaOf: () => webhook.configSchema, sealer });
    return read(replaceConfig(`${spec('db.example')}    triggers: {}\n`, place, value), access);
  }

  test('are there without a key too, whatever their kind would say of the values of their secrets', async () => {
    const { tasks, issues } = await readSealed(noAccess);
    expect(issues).toEqual([]);
    expect(tasks[0]?.triggers).toMatchObject([{ name: 'chat', target: 'a secret URL' }]);
  });

  test('deliver to their secret URL with a key', async () => {
    const { tasks, issues } = await readSealed(withKey);
    expect(issues).toEqual([]);
    expect(tasks[0]?.triggers).toMatchObject([
      { name: 'chat', target: 'https://hooks.example.com', config: { secretUrl } },
    ]);
  });
});
