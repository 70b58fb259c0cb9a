import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { keySources, recipient, schemaOf, sealer, secretText } from '../test/sample-kinds.js';
import { encryptDocument } from './encrypt-document.js';
import type { OrderedObject, OrderedValue } from './ordered-value.js';
import { readJson } from './read-json.js';
import { sealTriggers } from './seal-triggers.js';
import { unsealTriggers } from './unseal-triggers.js';
import { writeDocument } from './write-document.js';

/** Sealed by others: as it stands, nonsensitive fields and all. */
async function sealWhole(config: unknown): Promise<OrderedObject> {
  const text = await encryptDocument(
    { config },
    { format: 'json', recipients: [recipient], rule: { encryptedSuffix: '_sops' } },
  );
  return readJson(text, 'it') as OrderedObject;
}

const unseal = (document: OrderedObject) => unsealTriggers(writeDocument(document, 'json'), { schemaOf, keySources });

/** The triggers of a document replaced by others, made of their fields. */
function regrouped(document: OrderedObject, regroup: (triggers: OrderedObject[]) => unknown): OrderedObject {
  const config = document.get('config');
  const triggers = (config instanceof Map ? [...config.values()] : (config as OrderedValue[])) as OrderedObject[];
  return new Map([...document, ['config', regroup(triggers) as OrderedValue]]);
}

const field = (trigger: OrderedObject | undefined, name: string): [string, OrderedValue] => [
  name,
  trigger?.get(name) ?? null,
];

const bank = { payloadTemplate: '', url: 'https://bank.example' };
const evil = { payloadTemplate: '', url: 'https://evil.example' };
const headers = { Authorization_sops: 's' };

describe('a list of triggers that others have sealed', () => {
  it('opens when the fields of its triggers are in alphabetical order', async () => {
    const list = [evil, { headers, ...bank }];
    expect(await unseal(await sealWhole(list))).toEqual({
      config: [evil, { headers: { Authorization: 's' }, ...bank }],
    });
  });

  it('is refused when the headers of a trigger were made those of the one before it', async () => {
    const sealed = await sealWhole([evil, { headers, ...bank }]);
    const moved = regrouped(sealed, ([first, second]) => [
      new Map([field(first, 'url'), field(second, 'headers'), field(first, 'payloadTemplate')]),
      new Map([field(second, 'url'), field(second, 'payloadTemplate')]),
    ]);
    await expect(unseal(moved)).rejects.toMatchObject({ code: 'SECRETS_AMBIGUOUS' });
  });

  it('is refused when triggers were cut in three', async () => {
    const sealed = await sealWhole([
      { headers, ...evil },
      { headers, ...bank },
    ]);
    const cut = regrouped(sealed, ([first, second]) => [
      new Map([field(first, 'headers'), field(first, 'payloadTemplate')]),
      new Map([field(first, 'url'), field(second, 'headers'), field(first, 'payloadTemplate')]),
      second && new Map([field(second, 'payloadTemplate'), field(second, 'url')]),
    ]);
    await expect(unseal(cut)).rejects.toMatchObject({ code: 'SECRETS_CONFIG_INVALID' });
  });

  it('is refused when a URL was made the template of the trigger that takes the next URL', async () => {
    const sealed = await sealWhole([{ headers, ...bank }, evil, bank]);
    const merged = regrouped(sealed, ([first, second, third]) => [
      new Map([field(first, 'headers'), ['payloadTemplate', bank.url], field(second, 'url')]),
      third,
    ]);
    await expect(unseal(merged)).rejects.toMatchObject({ code: 'SECRETS_AMBIGUOUS' });
  });

  it('opens in any order of fields while there is one way to divide it', async () => {
    const list = [bank, evil].map(({ url }) => ({ url, headers, payloadTemplate: '{}' }));
    const opened = await unseal(await sealWhole(list));
    expect(opened.config).toMatchObject(list.map(({ url }) => ({ url, headers: { Authorization: 's' } })));
  });

  it('opens when headers of two triggers are neighbours and can only be two, since their names are the same', async () => {
    const opened = await unseal(
      await sealWhole([
        { url: bank.url, headers, payloadTemplate: '' },
        { headers, ...evil },
      ]),
    );
    expect(opened.config).toMatchObject([{ url: bank.url }, { url: evil.url }]);
  });

  it('opens in any order of fields when none of its triggers has a secret, or there is one', async () => {
    const [first, second] = [bank, evil].map(({ url }) => ({ url, method: 'PUT', payloadTemplate: '' }));
    expect(await unseal(await sealWhole([first, second]))).toEqual({ config: [first, second] });
    const one = [{ url: bank.url, headers, payloadTemplate: '' }];
    expect(await unseal(await sealWhole(one))).toMatchObject({ config: [{ url: bank.url }] });
  });
});

describe('a map of triggers that others have sealed', () => {
  it('is refused when it can be divided in another way: names are not sealed', async () => {
    const sealed = await sealWhole({ other: evil, bank: { headers, ...bank } });
    const moved = regrouped(sealed, ([first, second]) => {
      const target = new Map([field(first, 'url'), field(second, 'headers'), field(first, 'payloadTemplate')]);
      return new Map([
        ['bank', target],
        ['other', new Map([field(second, 'url'), field(second, 'payloadTemplate')])],
      ]);
    });
    await expect(unseal(moved)).rejects.toMatchObject({ code: 'SECRETS_AMBIGUOUS', pointer: '/config' });
    expect(await unseal(sealed)).toMatchObject({
      config: { bank: { headers: { Authorization: 's' }, url: bank.url } },
    });
  });
});

it('a list of triggers with thousands of secrets each opens', async () => {
  const keys_sops = Array.from({ length: 3_000 }, (_, index) => `key ${index}`);
  const queue = { address: 'mq', keys_sops, kind: 'queue', payloadTemplate: '' };
  const { config } = await unseal(await sealWhole([queue, { ...queue, address: 'other' }]));
  expect(config).toMatchObject([{ address: 'mq' }, { address: 'other', keys: keys_sops }]);
});

describe('placeholders of others', () => {
  const placeholders = { maxAttempts: 0, payloadTemplate: '', timeout: '0s' };
  const sorted = (trigger: object) => Object.fromEntries(Object.entries(trigger).sort(([a], [b]) => (a < b ? -1 : 1)));
  const list = [
    sorted({ headers, url: bank.url, method: 'POST', ...placeholders }),
    sorted({ headers: {}, url: evil.url, method: 'PUT', ...placeholders }),
  ];

  it.each<[string, (trigger: OrderedObject) => unknown]>([
    ['as they were', (trigger) => trigger],
    [
      'with values in their places',
      (trigger) => new Map([...trigger, ['maxAttempts', 5], ['timeout', '10s'], ['payloadTemplate', '{}']]),
    ],
    ['with one of them removed', (trigger) => new Map([...trigger].filter(([name]) => name !== 'maxAttempts'))],
    [
      'with all of them behind',
      (trigger) =>
        new Map([
          ...[...trigger].filter(([name]) => !(name in placeholders)),
          ['payloadTemplate', '{}'],
          ['timeout', '5s'],
          ['maxAttempts', 1],
          ['onFailure', 'park'],
        ]),
    ],
  ])('are opened %s', async (_what, change) => {
    const sealed = await sealWhole(list);
    const opened = await unseal(regrouped(sealed, (triggers) => triggers.map(change)));
    expect(opened.config).toMatchObject([
      { url: bank.url, headers: { Authorization: 's' } },
      { url: evil.url, method: 'PUT' },
    ]);
  });

  it('do not make a changed URL pass', async () => {
    const sealed = await sealWhole(list);
    const changed = regrouped(sealed, ([first, second]) => [first, new Map([...(second ?? []), ['url', bank.url]])]);
    await expect(unseal(changed)).rejects.toMatchObject({ code: 'SECRETS_MAC_MISMATCH' });
  });
});

describe('a kind whose fields could run on into those of the next trigger', () => {
  const forward = Type.Object({ address: Type.String(), token: secretText, url: Type.Optional(Type.String()) });
  const schemas = (kind: string) => (kind === 'forward' ? forward : schemaOf(kind));
  const triggers = {
    a: { kind: 'forward', address: 'x', token: 's', payloadTemplate: '{}' },
    b: { url: 'https://example.com', payloadTemplate: '{}' },
  };

  it('is not sealed where they would, and is where the order of triggers keeps them apart', async () => {
    const options = { schemaOf: schemas, sealer };
    await expect(sealTriggers({ config: triggers }, options)).rejects.toMatchObject({ code: 'SECRETS_AMBIGUOUS' });
    const { a, b } = triggers;
    const { text } = await sealTriggers({ config: { b, a } }, options);
    expect(await unsealTriggers(text, { schemaOf: schemas, keySources })).toEqual({ config: triggers });
  });
});

describe('a kind that needs exactly one of two fields', () => {
  const either = Type.Object(
    {
      headers: Type.Optional(Type.Record(Type.String(), secretText)),
      secretUrl: Type.Optional(secretText),
      url: Type.Optional(Type.String()),
    },
    { oneOf: [{ required: ['secretUrl'] }, { required: ['url'] }] },
  );
  const schemas = (kind: string) => (kind === 'webhook' ? either : undefined);
  const triggers = {
    a: { headers: { Authorization: 'a' }, payloadTemplate: '', url: 'https://a.example' },
    b: { headers: { Authorization: 'b' }, payloadTemplate: '', secretUrl: 'https://b.example/s' },
    c: { headers: { Authorization: 'c' }, payloadTemplate: '', url: 'https://c.example' },
  };

  it('is sealed and opened, since each trigger ends where the next would have a second one', async () => {
    const { text } = await sealTriggers({ config: triggers }, { schemaOf: schemas, sealer });
    expect(await unsealTriggers(text, { schemaOf: schemas, keySources })).toEqual({ config: triggers });
  });

  it('is sealed also where nothing but that keeps two triggers apart', async () => {
    const bare = { a: { secretUrl: 'https://a.example/s' }, b: { url: 'https://b.example' } };
    const { text } = await sealTriggers({ config: bare }, { schemaOf: schemas, sealer });
    expect(await unsealTriggers(text, { schemaOf: schemas, keySources })).toEqual({ config: bare });
  });

  it('is refused when the headers of one trigger were made those of the one before it', async () => {
    const { text } = await sealTriggers({ config: triggers }, { schemaOf: schemas, sealer });
    const moved = regrouped(readJson(text, 'it') as OrderedObject, ([a, b, c]) => [
      new Map([field(a, 'payloadTemplate'), field(a, 'url'), field(b, 'headers')]),
      new Map([field(b, 'payloadTemplate'), field(b, 'secretUrl_sops')]),
      c,
    ]);
    const opened = unsealTriggers(writeDocument(moved, 'json'), { schemaOf: schemas, keySources });
    await expect(opened).rejects.toMatchObject({ code: expect.stringMatching(/^SECRETS_/) });
  });
});
