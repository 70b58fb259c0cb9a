import { describe, expect, it } from 'vitest';
import { keySources, recipient, type Vector, vectors } from '../test/sample-kinds.js';
import { decryptDocument } from './decrypt-document.js';
import { encryptDocument } from './encrypt-document.js';
import type { EncryptionRule } from './encryption-rule.js';

const open = ({ encrypted, format }: Vector) => decryptDocument(encrypted, { format, keySources });

describe('documents that real releases of sops have sealed', () => {
  it.each(vectors.filter((vector) => vector.expect === 'ok'))('$name opens to what sops gives', async (vector) => {
    // As texts, so that -0 and fields called __proto__ count.
    expect(JSON.stringify(await open(vector))).toBe(JSON.stringify(JSON.parse(vector.decrypted ?? '')));
  });

  const codes: Record<string, string> = {
    'sops-rejects(25)': 'SECRETS_CORRUPT',
    'sops-rejects(51)': 'SECRETS_MAC_MISMATCH',
  };
  it.each(vectors.filter((vector) => vector.expect in codes))('$name is refused', async (vector) => {
    await expect(open(vector)).rejects.toMatchObject({ code: codes[vector.expect] });
  });

  it('a field that is given twice is refused, which sops opens', async () => {
    const vector = vectors.find(({ name }) => name === 'weak-duplicate-key-exfil');
    expect(vector).toBeDefined();
    if (vector === undefined) return;
    await expect(open(vector)).rejects.toMatchObject({ code: 'SECRETS_DOCUMENT_INVALID' });
  });

  it.each(vectors.filter((vector) => vector.plain !== undefined))(
    'what $name was sealed from is sealed and opened here',
    async ({ plain = '', format, rule = {} }) => {
      const text = await encryptDocument(JSON.parse(plain), { format, recipients: [recipient], ...ruleOf(rule) });
      const opened = await decryptDocument(text, { format, keySources });
      expect(JSON.stringify(opened)).toBe(JSON.stringify(JSON.parse(plain)));
    },
  );
});

function ruleOf(rule: NonNullable<Vector['rule']>): { rule: EncryptionRule; macOnlyEncrypted: boolean } {
  const { encrypted_suffix: encryptedSuffix, unencrypted_suffix: unencryptedSuffix = '' } = rule;
  return {
    rule: encryptedSuffix === undefined ? { unencryptedSuffix } : { encryptedSuffix },
    macOnlyEncrypted: rule.mac_only_encrypted ?? false,
  };
}
