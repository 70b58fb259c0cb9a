import { expect, it } from 'vitest';
import { identity, recipient } from '../test/sample-kinds.js';
import { ageRecipientOf, newAgeIdentity } from './age-identity.js';
import { ageKeySource } from './age-key-source.js';
import { decryptDocument } from './decrypt-document.js';
import { encryptDocument } from './encrypt-document.js';

it('the recipient of an identity is the one that sops printed for it', async () => {
  expect(await ageRecipientOf(`${identity}\n`)).toBe(recipient);
});

it('a new identity opens what is sealed for its recipient, and no two are the same', async () => {
  const [one, two] = [await newAgeIdentity(), await newAgeIdentity()];
  const text = await encryptDocument({ a: 1 }, { format: 'json', recipients: [one.recipient] });
  const open = (key: string) => decryptDocument(text, { format: 'json', keySources: [ageKeySource(key)] });
  expect(await open(one.identity)).toEqual({ a: 1 });
  await expect(open(two.identity)).rejects.toMatchObject({ code: 'SECRETS_NO_KEY' });
});

it('what is no identity is refused and not quoted', async () => {
  await expect(ageRecipientOf('AGE-SECRET-KEY-1WRONG')).rejects.toMatchObject({
    code: 'SECRETS_KEY_INVALID',
    message: expect.not.stringContaining('WRONG'),
  });
});
