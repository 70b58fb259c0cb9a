import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { identity, keySources, recipient, vectors } from '../test/sample-kinds.js';
import { splitIntoShares } from '../test/split-into-shares.js';
import { ageKeySource } from './age-key-source.js';
import { decryptDocument } from './decrypt-document.js';
import { encryptDocument } from './encrypt-document.js';
import type { KeySource } from './key-source.js';
import type { OrderedObject, OrderedValue } from './ordered-value.js';
import { readJson } from './read-json.js';
import { writeDocument } from './write-document.js';

const value = { password: 's3cr3t' };
const json = { format: 'json', label: 'orders.json' } as const;

async function party(): Promise<{ source: KeySource; recipient: string }> {
  const own = await generateX25519Identity();
  return { source: ageKeySource(own, 'a key of a test'), recipient: await identityToRecipient(own) };
}

describe('a document for several recipients', () => {
  it('is opened by each of them alone, and by nobody else', async () => {
    const [one, two, stranger] = [await party(), await party(), await party()];
    const text = await encryptDocument(value, { ...json, recipients: [one.recipient, two.recipient] });
    for (const { source } of [one, two]) {
      expect(await decryptDocument(text, { ...json, keySources: [stranger.source, source] })).toEqual(value);
    }
    const failed: unknown = await decryptDocument(text, { ...json, keySources: [stranger.source] }).catch(
      (error) => error,
    );
    expect(failed).toMatchObject({ code: 'SECRETS_NO_KEY', recipients: [one.recipient, two.recipient] });
    expect(String(failed)).toContain(
      `orders.json cannot be opened: no key at hand fits. It was sealed for ${one.recipient}`,
    );
    expect(String(failed)).toContain('Looked at a key of a test: has no key for it. Name the file');
  });

  it('is sealed for a recipient once who is named twice, and for none never', async () => {
    const text = await encryptDocument(value, { ...json, recipients: [recipient, recipient] });
    expect(text.match(/BEGIN AGE/g)).toHaveLength(1);
    await expect(encryptDocument(value, { ...json, recipients: [] })).rejects.toMatchObject({
      code: 'SECRETS_KEY_INVALID',
    });
    const bad = encryptDocument(value, { ...json, recipients: ['age1nobody'] });
    await expect(bad).rejects.toMatchObject({ code: 'SECRETS_KEY_INVALID' });
  });

  it('says what was wrong with each key, and nothing that a foreign source said', async () => {
    const text = await encryptDocument(value, { ...json, recipients: [recipient] });
    const foreign: KeySource = { description: 'a cloud', unwrap: () => Promise.reject(new Error('s3cr3t')) };
    const damaged = text.replace(/(BEGIN AGE ENCRYPTED FILE-----\\n.{60})..../, '$1AAAA');
    const failed: unknown = await decryptDocument(damaged, { ...json, keySources: [foreign, ...keySources] }).catch(
      (error) => error,
    );
    expect(String(failed)).toContain('a cloud: could not use its key');
    expect(String(failed)).toMatch(/the age identity: (?:has no key for it|the data key is wrapped in)/);
    expect(String(failed)).not.toContain('s3cr3t');
  });
});

describe('a document of key groups', () => {
  it.each([
    [2, 3, [0, 1], true],
    [2, 3, [1, 2], true],
    [2, 3, [0, 1, 2], true],
    [2, 3, [1], false],
    [3, 3, [0, 1, 2], true],
    [undefined, 3, [0, 1, 2], true],
    [undefined, 3, [0, 2], false],
    [2, 2, [0, 1], true],
  ])('of which %s of %d are needed, with those of %j, opens: %s', async (threshold, count, held, opens) => {
    const parties = await Promise.all(Array.from({ length: count }, party));
    const text = await withKeyGroups(
      parties.map((one) => one.recipient),
      threshold,
    );
    const sources = parties.filter((_, index) => held.includes(index)).map(({ source }) => source);
    const opened = decryptDocument(text, { ...json, keySources: sources });
    if (opens) expect(await opened).toEqual(value);
    else await expect(opened).rejects.toThrow(`(${threshold ?? count} of its ${count} key groups are needed)`);
  });

  it('is refused when a share was put into two groups', async () => {
    const [one, two] = [await party(), await party()];
    const text = await withKeyGroups([one.recipient, two.recipient], 2, true);
    const opened = decryptDocument(text, { ...json, keySources: [one.source, two.source] });
    await expect(opened).rejects.toMatchObject({ code: 'SECRETS_CORRUPT' });
  });
});

const textOf = (value: OrderedValue | undefined): string => (typeof value === 'string' ? value : '');

/** A document whose data key is split among recipients, a group for each. */
async function withKeyGroups(recipients: string[], threshold: number | undefined, repeats = false): Promise<string> {
  const text = await encryptDocument(value, { ...json, recipients: [recipient] });
  const document = readJson(text, 'it') as OrderedObject;
  const section = document.get('sops') as OrderedObject;
  const [wrapped] = section.get('age') as OrderedObject[];
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const dataKey = await decrypter.decrypt(armor.decode(textOf(wrapped?.get('enc'))));
  const shares = splitIntoShares(dataKey, recipients.length, threshold ?? recipients.length);
  const groups: OrderedValue[] = [];
  for (const [index, one] of recipients.entries()) {
    const encrypter = new Encrypter();
    encrypter.addRecipient(one);
    const share = shares[repeats ? 0 : index] ?? new Uint8Array();
    const enc = armor.encode(await encrypter.encrypt(share));
    groups.push(
      new Map<string, OrderedValue>([
        ['hc_vault', null],
        [
          'age',
          [
            new Map([
              ['recipient', one],
              ['enc', enc],
            ]),
          ],
        ],
      ]),
    );
  }
  section.delete('age');
  section.set('key_groups', groups);
  if (threshold !== undefined) section.set('shamir_threshold', threshold);
  return writeDocument(document, 'json');
}

describe('ageKeySource', () => {
  it('reads identities as age-keygen writes them, and several', async () => {
    const other = await generateX25519Identity();
    const source = ageKeySource(`# created: 2026-11-28\n# public key: x\n\n${other}\r\n  ${identity}  \n`);
    const [vector] = vectors;
    expect(vector).toBeDefined();
    await expect(
      decryptDocument(vector?.encrypted ?? '', { format: 'json', keySources: [source] }),
    ).resolves.toBeDefined();
  });

  it.each([
    ['AGE-SECRET-KEY-1QQQ', 'Line 1 of keys.txt is no age identity'],
    ['# nothing\n\n', 'There is no age identity in keys.txt'],
    [`${identity}\nssh-ed25519 s3cr3t`, 'Line 2 of keys.txt is no age identity'],
  ])('refuses %j, and quotes nothing', (text, problem) => {
    expect(() => ageKeySource(text, 'keys.txt')).toThrow(problem);
    expect(() => ageKeySource(text, 'keys.txt')).not.toThrow(/QQQ|s3cr3t/);
  });
});
