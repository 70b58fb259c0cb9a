import { asWritten, decodeEscapes } from './decoded-text.js';

/** A shorter part of a secret is a word or a flag, such as `v=1`. */
const shortestPart = 4;

/** What stands before a credential in an Authorization header: no secret, and useful in an error. */
const knownSchemes = new Set([
  'basic',
  'bearer',
  'token',
  'digest',
  'apikey',
  'key',
  'negotiate',
  'splunk',
  'geniekey',
]);

/**
 * The texts by which a secret shows itself: `Bearer abc` as a whole and in its parts, what is encoded in them, and all of
 * these as receivers echo them, in JSON and in URLs.
 */
export function spellingsOf(secret: string): string[] {
  const trimmed = secret.trim();
  if (trimmed === '') return [];
  const words = trimmed.split(/[\s;,]+/);
  // A cookie or a list of parameters is secret in each of its values too: a receiver may tell one of them alone.
  const values = words.map((word) => word.slice(word.indexOf('=') + 1));
  const parts = [...words, ...values]
    .map((part) => part.replace(/^["']+|["']+$/g, ''))
    .filter(
      (part) => part.length >= shortestPart && /[\p{L}\p{N}]/u.test(part) && !knownSchemes.has(part.toLowerCase()),
    );
  const encoded = [...basicCredentials(words), ...parts.flatMap(encodedText)];
  const texts = [...new Set([secret, trimmed, trimmed.replaceAll(/\s+/g, ' '), ...parts, ...encoded])];
  return texts
    .flatMap((text) => [text, ...jsonSpellings(text), ...urlSpellings(text), ...decodedSpellings(text)])
    .flatMap((spelling) => [spelling, ...misreadSpellings(spelling)]);
}

/** A secret that looks like an escape is read as one too where a text is decoded. */
function decodedSpellings(text: string): string[] {
  const once = decodeEscapes(asWritten(text));
  return [once.text, decodeEscapes(once).text].filter((spelling) => spelling !== '');
}

/** What `Basic dXNlcjpwYXNz` says: `user:pass`, and the password alone. */
function basicCredentials([scheme, encoded]: string[]): string[] {
  if (scheme?.toLowerCase() !== 'basic' || encoded === undefined) return [];
  const bytes = base64Bytes(encoded);
  if (bytes === undefined) return [];
  const credentials = new TextDecoder().decode(bytes);
  return [credentials, credentials.slice(credentials.indexOf(':') + 1)].filter((text) => text !== '');
}

/** The text, and what stands in it behind a colon, where a secret is one in base64: random bytes hardly ever are. */
function encodedText(part: string): string[] {
  const bytes = base64Bytes(part);
  if (bytes === undefined || bytes.length < shortestPart) return [];
  const text = new TextDecoder().decode(bytes);
  if (/[\p{C}\uFFFD]/u.test(text)) return [];
  return [text, text.slice(text.indexOf(':') + 1)].filter(({ length }) => length >= shortestPart);
}

/** Of base64 and base64url, padded or not. Undefined: it is neither. */
function base64Bytes(encoded: string): Uint8Array | undefined {
  const digits = encoded
    .replace(/={1,2}$/, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  if (!/^[\w+/]+$/.test(digits) || digits.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));
}

/**
 * What is not ASCII is sent as one byte each in a header, and as UTF-8 in a payload, and may be read as the other: then each
 * byte is a character, or none can be read.
 */
function misreadSpellings(text: string): string[] {
  if (/^[\0-\x7f]*$/.test(text)) return [];
  const bytes = new TextEncoder().encode(text);
  const isOneByteEach = /^[\0-\xff]*$/.test(text);
  return [
    Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''),
    ...(isOneByteEach ? [text.replaceAll(/[\x80-\xff]+/g, unreadable)] : []),
  ];
}

/** As a reader of UTF-8 writes bytes that are no text. */
function unreadable(characters: string): string {
  return new TextDecoder().decode(Uint8Array.from(characters, (character) => character.charCodeAt(0)));
}

/** Some writers of JSON escape what is not ASCII, some escape slashes too. */
function jsonSpellings(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [json, ascii].flatMap((spelling) => [spelling, spelling.replaceAll('/', '\\/')]);
}

/** Hex digits in either case; in a form a space is a plus sign. */
function urlSpellings(text: string): string[] {
  const encoded = encodeURIComponent(text.replaceAll(/\p{Cs}/gu, ''));
  if (encoded === '') return [];
  const lowerCase = encoded.replaceAll(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase());
  return [encoded, lowerCase].flatMap((spelling) => [spelling, spelling.replaceAll('%20', '+')]);
}
