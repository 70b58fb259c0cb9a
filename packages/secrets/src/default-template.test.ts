import type { KindSchemas } from '@aftercommit/models';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { keySources, recipient, schemaOf as sampleSchemaOf, sealer, secretText } from '../test/sample-kinds.js';
import { encryptDocument } from './encrypt-document.js';
import type { OrderedObject, OrderedValue } from './ordered-value.js';
import { readJson } from './read-json.js';
import { resealTriggers } from './reseal-triggers.js';
import { sealTriggers } from './seal-triggers.js';
import { unsealTriggers } from './unseal-triggers.js';
import { writeDocument } from './write-document.js';

/** Of a kind with a default template its schema is all that is known here. */
const page = Type.Object({ room: Type.String(), token: Type.Optional(secretText), note: Type.Optional(Type.String()) });
const schemaOf: KindSchemas = (kind) => (kind === 'page' ? page : sampleSchemaOf(kind));
const unseal = { schemaOf, keySources };

const triggers = {
  config: {
    night: { kind: 'page', room: 'a', token: 's3cr3t-a', timeout: '5s' },
    day: { kind: 'page', room: 'b', token: 's3cr3t-b', payloadTemplate: '{"day":true}' },
    dawn: { kind: 'page', room: 'c', token: 's3cr3t-c' },
    hook: { url: 'https://example.com', headers: { A: 's3cr3t-d' }, payloadTemplate: '{}' },
  },
};

describe('triggers without a template', () => {
  it.each(['json', 'yaml'] as const)('open as they were sealed, as %s', async (format) => {
    const { text } = await sealTriggers(triggers, { schemaOf, sealer, format });
    expect(text).not.toContain('s3cr3t');
    expect(text.match(/payloadTemplate/g)).toHaveLength(2);
    expect(await unsealTriggers(text, { ...unseal, format })).toEqual(triggers);
  });

  it('open after a template was added to one and removed from another', async () => {
    const { value } = await sealTriggers(triggers, { schemaOf, sealer });
    const changed = changedTriggers(value, (name, trigger) => {
      if (name === 'night') return new Map([['payloadTemplate', '{"night":true}'], ...trigger]);
      return new Map([...trigger].filter(([field]) => field !== 'payloadTemplate'));
    });
    const { day, ...rest } = triggers.config;
    expect(await unsealTriggers(writeDocument(changed, 'json'), unseal)).toEqual({
      config: {
        ...rest,
        night: { ...triggers.config.night, payloadTemplate: '{"night":true}' },
        day: { kind: day.kind, room: day.room, token: day.token },
        hook: { url: triggers.config.hook.url, headers: triggers.config.hook.headers },
      },
    });
  });

  it('are refused after the secret of one was removed', async () => {
    const { value } = await sealTriggers(triggers, { schemaOf, sealer });
    const removed = changedTriggers(value, (name, trigger) => {
      if (name === 'night') return new Map([...trigger].filter(([field]) => field !== 'token_sops'));
      return trigger;
    });
    await expect(unsealTriggers(writeDocument(removed, 'json'), unseal)).rejects.toMatchObject({
      code: 'SECRETS_MAC_MISMATCH',
    });
  });

  it('are sealed again with a change, and what did not change stays as it was', async () => {
    const { text } = await sealTriggers(triggers, { schemaOf, sealer });
    const { text: again } = await resealTriggers(
      text,
      () => ({ config: { ...triggers.config, dusk: { kind: 'page', room: 'd', token: 's3cr3t-e' } } }),
      unseal,
    );
    expect(await unsealTriggers(again, unseal)).toEqual({
      config: { ...triggers.config, dusk: { kind: 'page', room: 'd', token: 's3cr3t-e' } },
    });
    const kept = text.match(/"token_sops": "ENC\[[^\]]+\]"/g) ?? [];
    expect(kept).toHaveLength(3);
    for (const ciphertext of kept) expect(again).toContain(ciphertext);
  });
});

describe('triggers without a template that others have sealed', () => {
  const first = { kind: 'page', room: 'a' };
  const second = { kind: 'page', room: 'b', token_sops: 's' };

  it('open, in a list and with the fields of each in order', async () => {
    expect(await open(await sealWhole([first, second]))).toEqual({
      config: [first, { kind: 'page', room: 'b', token: 's' }],
    });
  });

  it('are refused when their fields can be divided in another way', async () => {
    const sealed = await sealWhole([
      { note: 'n', kind: 'page', room: 'a' },
      { token_sops: 's', kind: 'page', room: 'b' },
    ]);
    const [one, two] = sealed.get('config') as OrderedObject[];
    const moved = new Map([...(one ?? []), ['token_sops', two?.get('token_sops') ?? null]]);
    const rest = new Map([...(two ?? [])].filter(([field]) => field !== 'token_sops'));
    const cut = new Map<string, OrderedValue>([...sealed, ['config', [moved, rest]]]);
    await expect(open(cut)).rejects.toMatchObject({ code: 'SECRETS_AMBIGUOUS' });
  });
});

function changedTriggers(
  document: OrderedObject,
  change: (name: string, trigger: OrderedObject) => OrderedObject,
): OrderedObject {
  const config = document.get('config') as Map<string, OrderedObject>;
  return new Map([
    ...document,
    ['config', new Map([...config].map(([name, trigger]) => [name, change(name, trigger)]))],
  ]);
}

/** As it stands, nonsensitive fields and all. */
async function sealWhole(config: unknown): Promise<OrderedObject> {
  const rule = { encryptedSuffix: '_sops' };
  const text = await encryptDocument({ config }, { format: 'json', recipients: [recipient], rule });
  return readJson(text, 'it') as OrderedObject;
}

const open = (document: OrderedObject) => unsealTriggers(writeDocument(document, 'json'), unseal);
