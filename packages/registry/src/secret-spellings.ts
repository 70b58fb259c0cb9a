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
 * The texts by which a secret shows itself: `Bearer abc` as a whole and in its parts, and both as receivers echo them, in
 * JSON and in URLs.
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
  const texts = [...new Set([secret, trimmed, trimmed.replaceAll(/\s+/g, ' '), ...parts, ...basicCredentials(words)])];
  return texts.flatMap((text) => [text, ...jsonSpellings(text), ...urlSpellings(text), ...decodedSpellings(text)]);
}

/** A secret that looks like an escape is read as one too where a text is decoded. */
function decodedSpellings(text: string): string[] {
  const once = decodeEscapes(asWritten(text));
  return [once.text, decodeEscapes(once).text].filter((spelling) => spelling !== '');
}

/** What `Basic dXNlcjpwYXNz` says: `user:pass`, and the password alone. */
function basicCredentials([scheme, encoded]: string[]): string[] {
  if (scheme?.toLowerCase() !== 'basic' || encoded === undefined) return [];
  let credentials: string;
  try {
    credentials = new TextDecoder().decode(Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0)));
  } catch (error) {
    // Not base64: then there is nothing in it to be found by itself.
    if (error instanceof DOMException) return [];
    throw error;
  }
  return [credentials, credentials.slice(credentials.indexOf(':') + 1)].filter((text) => text !== '');
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
