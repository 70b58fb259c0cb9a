import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { isInt64, type Leaf, leafText } from './leaf-text.js';

/** A leaf as sops writes it encrypted. */
export type Ciphertext = { data: Buffer; iv: Buffer; tag: Buffer; type: string };

const algorithm = 'aes-256-gcm';
const ivBytes = 32;
const tagBytes = 16;
const booleans = new Map([
  ['True', true],
  ['true', true],
  ['False', false],
  ['false', false],
]);
const floats = new Map([
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
]);
const written = /^ENC\[AES256_GCM,data:([^,\]]+),iv:([^,\]]+),tag:([^,\]]+),type:([a-z0-9]+)\]$/;

/** The parts of a ciphertext; undefined: it is none, or not written as sops writes it. */
export function readCiphertext(text: string): Ciphertext | undefined {
  const [, data, iv, tag, type = ''] = text.match(written) ?? [];
  const parts = [data, iv, tag].map(canonicalBase64);
  const [dataBytes, ivRead, tagRead] = parts;
  if (dataBytes === undefined || ivRead?.length !== ivBytes || tagRead?.length !== tagBytes) return undefined;
  return { data: dataBytes, iv: ivRead, tag: tagRead, type };
}

/** A leaf encrypted for its place. The empty text stays as it is, as sops does. */
export function encryptLeaf(leaf: Leaf, dataKey: Uint8Array, place: string): string {
  const text = leafText(leaf);
  if (text === '') return '';
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, dataKey, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(place));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const parts = [data, iv, cipher.getAuthTag()].map((part) => part.toString('base64'));
  return `ENC[AES256_GCM,data:${parts[0]},iv:${parts[1]},tag:${parts[2]},type:${typeOf(leaf)}]`;
}

/** The leaf of a ciphertext; undefined: it was not encrypted with this key for this place, or is no leaf of its type. */
export function decryptLeaf({ data, iv, tag, type }: Ciphertext, dataKey: Uint8Array, place: string): Leaf | undefined {
  const decipher = createDecipheriv(algorithm, dataKey, iv, { authTagLength: tagBytes })
    .setAAD(Buffer.from(place))
    .setAuthTag(tag);
  const opened = decipher.update(data);
  try {
    decipher.final();
  } catch {
    // The only thing that final() can find wrong is the tag.
    return undefined;
  }
  return leafOfType(opened, type);
}

function typeOf(leaf: Leaf): string {
  if (typeof leaf === 'string') return 'str';
  if (typeof leaf === 'boolean') return 'bool';
  return typeof leaf === 'bigint' || Number.isSafeInteger(leaf) ? 'int' : 'float';
}

function leafOfType(bytes: Buffer, type: string): Leaf | undefined {
  const text = utf8Text(bytes);
  if (text === undefined) return undefined;
  switch (type) {
    case 'str':
    case 'bytes':
    case 'time':
      return text;
    case 'bool':
      return booleans.get(text);
    case 'int':
    case 'int64':
      return integerOf(text);
    case 'float':
      return floats.get(text) ?? floatOf(text);
    default:
      return undefined;
  }
}

function integerOf(text: string): number | bigint | undefined {
  if (!/^-?\d+$/.test(text) || !isInt64(BigInt(text))) return undefined;
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
}

function floatOf(text: string): number | undefined {
  const number = /^[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function utf8Text(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}

/** Other spellings of the same bytes would let a document be changed without a trace. */
function canonicalBase64(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
