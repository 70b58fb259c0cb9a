import { describe, expect, it } from 'vitest';
import { randomDocument, SeededRandom } from '../test/random-documents.js';
import { keySources, recipient } from '../test/sample-kinds.js';
import { decryptDocument } from './decrypt-document.js';
import { encryptDocument } from './encrypt-document.js';
import type { EncryptionRule } from './encryption-rule.js';
import { readDocument } from './sealed-document.js';
import { writeDocument } from './write-document.js';

const rules: EncryptionRule[] = [
  { unencryptedSuffix: '_unencrypted' },
  { encryptedSuffix: '_sops' },
  { encryptedRegex: '^(key|.*_x)$' },
  { unencryptedRegex: '(?i)KEY' },
];

describe('a random document', () => {
  it.each(['json', 'yaml'] as const)('is read as it was written, as %s', (format) => {
    for (let seed = 0; seed < 2_000; seed += 1) {
      const value = randomDocument(new SeededRandom(seed));
      const text = writeDocument(readDocument(value, format, 'it'), format);
      expect(writeDocument(readDocument(text, format, 'it'), 'json'), `seed ${seed}`).toBe(
        writeDocument(readDocument(value, format, 'it'), 'json'),
      );
    }
  });

  it.each(['json', 'yaml'] as const)(
    'is opened as it was sealed, as %s, and refused once it was touched',
    async (format) => {
      for (let seed = 0; seed < 250; seed += 1) {
        const random = new SeededRandom(seed);
        const value = randomDocument(random);
        const rule = random.pick(rules);
        const macOnlyEncrypted = random.below(4) === 0;
        const text = await encryptDocument(value, { format, recipients: [recipient], rule, macOnlyEncrypted });
        const opened = await decryptDocument(text, { format, keySources });
        expect(JSON.stringify(opened), `seed ${seed}`).toBe(JSON.stringify(value));

        const ciphertexts = [...text.matchAll(/data:(.)/g)];
        const touched = random.pick(ciphertexts);
        const at = (touched?.index ?? 0) + 'data:'.length;
        const damaged = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
        await expect(decryptDocument(damaged, { format, keySources }), `seed ${seed}`).rejects.toMatchObject({
          code: expect.stringMatching(/^SECRETS_(?:CORRUPT|MAC_MISMATCH)$/),
        });
      }
    },
  );
});
