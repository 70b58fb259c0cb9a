import { restoreTriggers, SchemaLocation, type TriggersConfig } from '@aftercommit/models';
import { encryptLeaf } from './cipher.js';
import { encryptLeaves } from './encrypt-document.js';
import { inspectSealedTriggers } from './inspect-sealed.js';
import type { Leaf } from './leaf-text.js';
import { leavesOf, mapLeaves } from './leaves.js';
import { macOf } from './mac.js';
import { wholeSeconds } from './new-metadata.js';
import { openConfig } from './open-config.js';
import { placeOf } from './open-document.js';
import type { OrderedObject, OrderedValue } from './ordered-value.js';
import { type Sealed, written } from './seal-config.js';
import { checkSealedBinding, readTriggers, sealedPart } from './seal-triggers.js';
import { readSealedDocument, type SealedDocument } from './sealed-document.js';
import { markSecrets } from './sealed-names.js';
import { sealRule } from './sealer.js';
import { isSecretsError, SecretsError } from './secrets-error.js';
import { triggersShape, type UnsealTriggersOptions } from './unseal-triggers.js';

/** How sealed triggers are opened and sealed again. */
export type ResealOptions = Omit<UnsealTriggersOptions, 'sopsCommand'> & {
  /** What each trigger of what `change` returns is called, where that is a list. Undefined: by its own `name`. */
  names?: readonly string[];
  /** Milliseconds since the Unix epoch. Undefined: by the clock of this machine. */
  now?: number;
};

/**
 * Changes sealed triggers with a key: adds, corrects and removes triggers and secrets, without entering the others again. Whoever
 * could open them can open them still, also with keys that are not at hand: the data key stays, and so does every ciphertext
 * whose value and place stay, so that a diff shows what was changed.
 *
 * @param change Gets the opened configuration and returns the one to be sealed; it may change what it gets.
 * @throws SecretsError as `unsealTriggers` and `sealTriggers`. Without a key, `SECRETS_NO_KEY` has in `enterAgain` the secrets that
 *   must be entered again to seal the configuration anew.
 */
export async function resealTriggers(
  source: unknown,
  change: (config: TriggersConfig) => unknown,
  {
    schemaOf,
    names,
    now = Date.now(),
    format = 'json',
    label = 'The triggers configuration',
    keySources,
  }: ResealOptions,
): Promise<Sealed> {
  const sealed = readSealedDocument(source, format, label);
  const shape = triggersShape(sealed.data, schemaOf, label);
  const { opened, config, dataKey } = await openConfig(sealed, shape, { keySources }).catch((error: unknown) => {
    throw withEnterAgain(error, source, { schemaOf, format, label });
  });
  if (dataKey === undefined) throw new TypeError('A key source gave no key.');
  const { named, schema } = readTriggers(change(config as TriggersConfig), { schemaOf, names, label });
  const marked = markSecrets(SchemaLocation.of(schema), sealedPart(named, schemaOf));
  const encrypted = keepCiphertexts(marked, encryptLeaves(marked, sealRule, dataKey, label), sealed, opened);
  checkSealedBinding(encrypted, schemaOf, label);
  const lastModified = wholeSeconds(now);
  const mac = encryptLeaf(macOf(marked), dataKey, lastModified);
  const section: OrderedObject = new Map([...asFields(sealed.section), ['lastmodified', lastModified], ['mac', mac]]);
  const document: OrderedObject = new Map([...encrypted, ['sops', section]]);
  return written(restoreTriggers(document, named, schemaOf) as OrderedObject, format);
}

/** Takes the old ciphertext of each leaf that stands where the same value stood. */
function keepCiphertexts(
  values: OrderedObject,
  encrypted: OrderedObject,
  sealed: SealedDocument,
  opened: OrderedObject,
): OrderedObject {
  const before = leavesOf(opened);
  const old = new Map(
    leavesOf(sealed.data).map(({ leaf, path }, index) => [identity(before[index]?.leaf, path), leaf] as const),
  );
  const plain = leavesOf(values).values();
  return mapLeaves(encrypted, ({ leaf, path }) => old.get(identity(plain.next().value?.leaf, path)) ?? leaf);
}

function identity(leaf: Leaf | undefined, path: readonly string[]): string {
  return JSON.stringify([typeof leaf, String(leaf), placeOf(path)]);
}

function asFields(section: OrderedValue): OrderedObject {
  return section instanceof Map ? section : new Map();
}

function withEnterAgain(
  error: unknown,
  source: unknown,
  options: Required<Pick<ResealOptions, 'schemaOf' | 'format' | 'label'>>,
): unknown {
  if (!isSecretsError(error) || error.code !== 'SECRETS_NO_KEY') return error;
  const { secrets: enterAgain, recipients } = inspectSealedTriggers(source, options);
  const places = enterAgain.map(({ pointer }) => pointer).join(', ') || 'none';
  const message = `${error.message} Without a key these secrets must be entered again: ${places}.`;
  return new SecretsError('SECRETS_NO_KEY', message, { recipients, enterAgain });
}
