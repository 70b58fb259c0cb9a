import { seededRandom } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { Redactor } from './redactor.js';

const secret = 'Bearer s3cret-Token/42';
const redactor = new Redactor([secret]);

/** What a receiver might dump: the secret begins at each of the three places of a group of base64. */
const dumps = ['', 'x', 'xy'].map((before) => `${before}{"authorization":"${secret}","accept":"*/*"}`);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a secret in base64', () => {
  it.each(dumps)('is found in each alignment inside of a longer text: %s', (dump) => {
    expect(redactor.scrub(`echo ${base64(dump)}!`)).toBe('echo [redacted]!');
    expect(redactor.scrub(`echo ${Buffer.from(dump).toString('base64url')}!`)).toBe('echo [redacted]!');
  });

  it.each([
    ['alone', 's3cret-Token/42'],
    ['with its scheme', secret],
    ['in small letters', secret.toLowerCase()],
    ['in JSON that escapes slashes', '{"a":"s3cret-Token\\/42"}'],
    ['in a form', `authorization=${encodeURIComponent('s3cret-Token/42')}`],
  ])('is found %s, padded or not', (_how, text) => {
    expect(redactor.scrub(`"${base64(text)}"`)).toBe('"[redacted]"');
    expect(redactor.scrub(`"${base64(text).replace(/=+$/, '')}"`)).toBe('"[redacted]"');
  });

  it.each(['\n', '\r\n', ' ', '\r\n\t', '\\n', '\\r\\n', '%0A'])(
    'is found over lines that %j separates',
    (separator) => {
      for (const columns of [4, 5, 16, 64, 76]) {
        for (const dump of dumps) {
          const lines = base64(dump.repeat(3)).match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
          const clean = redactor.scrub(lines.join(separator));
          expectNothingLeft(clean);
        }
      }
    },
  );

  it('goes with the whole word that it stands in, and leaves the words around', () => {
    expect(redactor.scrub(`error in ${base64(secret)} of request 42`)).toBe('error in [redacted] of request 42');
    expect(redactor.scrub(`token=${base64(secret)}, retry`)).toBe('token=[redacted], retry');
  });

  it('is found where its escapes are escaped', () => {
    const binary = new Redactor(['\u00fb\u00ff\u00fe-long-secret']);
    const text = Buffer.from('\u00fb\u00ff\u00fe-long-secret', 'latin1').toString('base64');
    expect(text).toMatch(/^\+\/.*/);
    for (const spelling of [JSON.stringify(text).replaceAll('/', '\\/'), encodeURIComponent(text)]) {
      expect(binary.scrub(spelling)).toMatch(/^"?\[redacted\]"?$/);
    }
  });

  it('is found where the evidence was cut in it', () => {
    for (const dump of dumps) {
      const from = dump.indexOf('s3cret-T') + 8;
      for (let length = from; length < dump.length; length += 1) {
        const cut = `HTTP 400: "${base64(dump).slice(0, Math.ceil((length * 8) / 6))}…"`;
        expect(redactor.scrub(cut)).toBe('HTTP 400: "[redacted]…"');
      }
    }
  });

  it('is no reason to take out what only looks like base64', () => {
    const prose = 'the receiver said that no token was in the request, and that is all it said'.repeat(20);
    expect(redactor.scrub(prose)).toBe(prose);
  });
});

describe('a secret in hex', () => {
  const hex = Buffer.from(secret).toString('hex');
  it.each([
    ['small letters', hex],
    ['capitals', hex.toUpperCase()],
    ['a longer text', `7b22${hex}227d`],
    ['a longer text, a half byte on', `f${hex}`],
    ['pairs', hex.replaceAll(/(..)(?!$)/g, '$1 ')],
    ['pairs with colons', hex.replaceAll(/(..)(?!$)/g, '$1:')],
    ['lines', hex.replaceAll(/(.{32})/g, '$1\n')],
  ])('is found in %s', (_how, text) => {
    expect(redactor.scrub(`bytes <${text}>`)).toBe('bytes <[redacted]>');
  });
});

it.each(Array.from({ length: 300 }, (_, seed) => seed))('nothing of a secret is left to decode (seed %d)', (seed) => {
  const random = seededRandom(seed);
  const pick = (most: number): number => Math.floor(random.fraction() * most);
  const bytes = (length: number): string => String.fromCharCode(...Array.from({ length }, () => 32 + pick(95)));
  const hidden = `Key${bytes(4 + pick(30)).replaceAll(/[\s;,="']/g, 'x')}`;
  const dump = Buffer.from(`${bytes(pick(60))}${hidden}${bytes(pick(60))}`);
  const encoded = dump.toString((['base64', 'base64url', 'hex'] as const)[pick(3)]);
  const columns = 1 + pick(76);
  const text = random.fraction() < 0.5 ? encoded : encoded.replaceAll(new RegExp(`(.{${columns}})`, 'g'), '$1\r\n');
  expectNothingLeft(new Redactor([hidden]).scrub(`${bytes(pick(8))}${text}`), hidden);
});

/** Whatever is taken for base64 or hex, from whichever place on. */
function expectNothingLeft(clean: string, hidden = 's3cret-Token/42'): void {
  const left = clean.replaceAll('[redacted]', '\0').replaceAll(/\\[rn]|%0A|\s/g, '');
  for (let start = 0; start < 4; start += 1) {
    for (const run of left.split(/[^\w+/-]/)) {
      expect(Buffer.from(run.slice(start), 'base64').toString('latin1')).not.toContain(hidden);
      expect(Buffer.from(run.slice(start), 'hex').toString('latin1')).not.toContain(hidden);
    }
  }
}
