import { jsonPointer, type SchemaLocation } from '@aftercommit/models';
import { readCiphertext } from './cipher.js';
import type { OrderedObject, OrderedValue } from './ordered-value.js';
import { hasSuffix, needsSuffix, sealedSuffix, withoutSuffix } from './sealed-names.js';
import { SecretsError } from './secrets-error.js';

type Pointer = ReadonlyArray<string | number>;

/**
 * Sees to it, without a key, that every secret location of a document is sealed and nothing else is: each holds ciphertexts or
 * `""`, under a name with the suffix, which no other name has. The seal does not protect names: without this, somebody
 * without a key could have a ciphertext sent out as it is, or have a text of their own taken for a secret.
 *
 * @returns Where the secrets are: pointers with the names that fields have unsealed.
 * @throws SecretsError `SECRETS_SHAPE` with the place.
 */
export function checkSealedShape(location: SchemaLocation, document: OrderedObject, label: string): string[] {
  const secrets: string[] = [];
  const refuse = (pointer: Pointer, problem: string): never => {
    const where = jsonPointer(pointer);
    throw new SecretsError('SECRETS_SHAPE', `${label}: ${where} ${problem}`, { pointer: where });
  };

  function visit(value: OrderedValue, at: SchemaLocation, pointer: Pointer): void {
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) visit(element, at.field(String(index)), [...pointer, index]);
    } else if (value instanceof Map) {
      for (const [name, inner] of value) visitField(value, name, inner, at, pointer);
    }
  }

  function visitField(fields: OrderedObject, name: string, value: OrderedValue, at: SchemaLocation, pointer: Pointer) {
    const here = [...pointer, name];
    if (!hasSuffix(name)) {
      const isSecret = needsSuffix(at.field(name), value);
      if (isSecret)
        refuse(
          here,
          `is a secret and not sealed. Take it out of the file, and enter it with the key: aftercommit set.`,
        );
      return visit(value, at.field(name), here);
    }
    const plain = withoutSuffix(name);
    if (!needsSuffix(at.field(plain), value)) {
      refuse(here, `is marked as sealed ("${sealedSuffix}"), and no secret stands there. Remove it.`);
    }
    if (fields.has(plain)) refuse(here, `stands beside a field "${plain}". Remove one of them.`);
    visitSecret(value, here);
    secrets.push(jsonPointer([...pointer, plain]));
  }

  function visitSecret(value: OrderedValue, pointer: Pointer): void {
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) visitSecret(element, [...pointer, index]);
    } else if (value instanceof Map) {
      for (const [name, inner] of value) {
        if (hasSuffix(name)) refuse([...pointer, name], 'is marked as sealed inside of what is sealed. Rename it.');
        visitSecret(inner, [...pointer, name]);
      }
    } else if (value !== '' && (typeof value !== 'string' || readCiphertext(value) === undefined)) {
      refuse(pointer, 'holds no ciphertext. Restore it, or seal the configuration again: aftercommit seal.');
    }
  }

  visit(document, location, []);
  return secrets;
}

/** @throws SecretsError `SECRETS_VALUE_UNSUPPORTED` for what could not be told from a sealed or a removed secret. */
export function checkSealable(location: SchemaLocation, document: OrderedObject, label: string): void {
  const refuse = (pointer: Pointer, problem: string): never => {
    const where = jsonPointer(pointer);
    throw new SecretsError('SECRETS_VALUE_UNSUPPORTED', `${label}: ${where} ${problem}`, { pointer: where });
  };
  function visit(value: OrderedValue, at: SchemaLocation | undefined, pointer: Pointer): void {
    if (value === null && at === undefined) refuse(pointer, 'is a secret and null. Leave it out, or give it a value.');
    if (value === null || typeof value !== 'object') return;
    for (const [name, inner] of value.entries()) {
      const here = [...pointer, name];
      if (typeof name === 'string' && hasSuffix(name)) {
        refuse(here, `ends with "${sealedSuffix}", which marks sealed fields. Rename it.`);
      }
      const inside = at?.field(String(name));
      visit(inner, inside === undefined || needsSuffix(inside, inner) ? undefined : inside, here);
    }
  }
  visit(document, location, []);
}
