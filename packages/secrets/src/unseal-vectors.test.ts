import { describe, expect, it } from 'vitest';
import { keySources, schemaOf, type Vector, vectors } from '../test/sample-kinds.js';
import { unsealTriggers } from './unseal-triggers.js';

const unseal = ({ encrypted, format, name }: Vector) =>
  unsealTriggers(encrypted, { format, keySources, schemaOf, label: name });
const isOfTriggers = ({ name }: Vector): boolean => /^trig/.test(name);

describe('triggers that real releases of sops have sealed', () => {
  it.each(vectors.filter(isOfTriggers))('$name opens, with names as they are without seal', async (vector) => {
    expect(await unseal(vector)).toEqual(JSON.parse((vector.decrypted ?? '').replaceAll('_sops":', '":')));
  });

  it.each([
    ['neg-url', 'SECRETS_MAC_MISMATCH'],
    ['neg-reorder', 'SECRETS_MAC_MISMATCH'],
    ['neg-swap', 'SECRETS_CORRUPT'],
    ['neg-plain', 'SECRETS_SHAPE'],
    ['neg-nomac', 'SECRETS_MAC_MISMATCH'],
    ['weak-rename-plain-key', 'SECRETS_CONFIG_INVALID'],
    ['weak-duplicate-key-exfil', 'SECRETS_DOCUMENT_INVALID'],
    ['macOnly-json-v3.13.2', 'SECRETS_UNSUPPORTED'],
    ['unencSuffix-json-v3.13.2', 'SECRETS_UNSUPPORTED'],
  ])('%s is refused: %s', async (name, code) => {
    const vector = vectors.find((one) => one.name === name);
    if (vector === undefined) throw new Error(`There is no vector ${name}`);
    await expect(unseal(vector)).rejects.toMatchObject({ code });
  });

  it('every vector is looked at here or is a document of another sort', () => {
    const others = vectors.filter((vector) => !isOfTriggers(vector)).map(({ name }) => name);
    expect(others.filter((name) => !/^(?:neg|weak|types|macOnly|unencSuffix)-/.test(name))).toEqual([]);
  });
});
