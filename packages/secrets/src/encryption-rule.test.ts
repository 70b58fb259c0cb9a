import { describe, expect, it } from 'vitest';
import { encryptionTest } from './encryption-rule.js';

describe('encryptionTest', () => {
  it.each([
    [{ encryptedSuffix: '_sops' }, [['a_sops'], ['a_sops', 'b'], ['b', 'a_sops']], [['a'], ['_sopsx'], []]],
    [{ unencryptedSuffix: '_plain' }, [['a'], []], [['a_plain'], ['a_plain', 'b']]],
    [{ encryptedRegex: '^(a|.*_x)$' }, [['a'], ['b', 'c_x'], ['\u2028_x'], ['\r_x']], [['ab'], ['\n_x']]],
    [{ unencryptedRegex: '(?i)KEY' }, [['b']], [['a key'], ['x', 'KEYS']]],
    [{ encryptedRegex: '(?s)^a.b$' }, [['a\nb'], ['a.b']], [['ab']]],
    [{ encryptedRegex: String.raw`^[.]\.x.$` }, [['..xy']], [['..x'], ['a.xy']]],
  ])('of %j', (rule, encrypted, open) => {
    const isEncrypted = encryptionTest(rule, 'it');
    expect(encrypted.filter((path) => !isEncrypted(path))).toEqual([]);
    expect(open.filter((path) => isEncrypted(path))).toEqual([]);
  });

  it.each(['(?P<a>x)', '(', String.raw`a\sb`, '[[:alpha:]]'])(
    'refuses %s, which JavaScript reads otherwise or not',
    (source) => {
      expect(() => encryptionTest({ encryptedRegex: source }, 'a.json')).toThrow(
        expect.objectContaining({ code: 'SECRETS_UNSUPPORTED', message: expect.stringContaining('a.json') }),
      );
    },
  );
});
