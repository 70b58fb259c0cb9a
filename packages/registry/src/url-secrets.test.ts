import { annotated } from '@aftercommit/models';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { Redactor } from './redactor.js';
import { configSecrets, urlSecrets } from './url-secrets.js';

const url = 'https://hooks.example.com/services/T000/B000/XoXsXoXsXoXsXoXsXoXs?key=s3cret&page=2';

it('names path and query of every URL, as wholes and in their long parts', () => {
  expect(urlSecrets({ url, nested: [{ other: 'http://example.com/a' }], method: 'POST' })).toEqual([
    '/services/T000/B000/XoXsXoXsXoXsXoXsXoXs?key=s3cret&page=2',
    '/services/T000/B000/XoXsXoXsXoXsXoXsXoXs',
    'XoXsXoXsXoXsXoXsXoXs',
    's3cret',
    '/a',
  ]);
});

it('names nothing of a URL without path and query, nor of what is none', () => {
  expect(urlSecrets({ url: 'https://example.com', name: 'dbt', count: 3, nothing: null })).toEqual([]);
});

it('keeps the path out of what a receiver says of it, and the host in', () => {
  const redactor = new Redactor(urlSecrets({ url }));
  const said = `HTTP 404 from https://hooks.example.com: "Cannot POST ${new URL(url).pathname}${new URL(url).search}"`;
  expect(redactor.scrub(said)).toBe('HTTP 404 from https://hooks.example.com: "Cannot POST [redacted]"');
});

describe('a URL that is secret itself', () => {
  const schema = Type.Object({ secretUrl: annotated(Type.String(), { secret: true }) });
  const secretUrl = 'https://hooks.example.com/hooks/T00/tok5?k=v9&key=s3cr#frag';
  const scrub = (text: string, target: string | undefined) =>
    new Redactor(configSecrets(schema, { secretUrl }, target)).scrub(text);

  it('is hidden behind the target that its kind tells, in short parts too', () => {
    const said = [
      'HTTP 503 from https://hooks.example.com',
      'HTTP 404 from https://hooks.example.com: "Cannot POST /hooks/T00/tok5?k=v9&key=s3cr"',
      'HTTP 403 from https://hooks.example.com: "tok5 with s3cr or v9 is unknown"',
      `asked for ${secretUrl}, ${encodeURIComponent(secretUrl)} and frag`,
    ].map((text) => scrub(text, 'https://hooks.example.com'));
    expect(said).toEqual([
      'HTTP 503 from https://hooks.example.com',
      'HTTP 404 from https://hooks.example.com: "Cannot POST [redacted]"',
      'HTTP 403 from https://hooks.example.com: "[redacted] with [redacted] or [redacted] is unknown"',
      'asked for https://hooks.example.com[redacted], https%3A%2F%2Fhooks.example.com[redacted] and [redacted]',
    ]);
  });

  it('is hidden as a whole where its kind tells nothing of it', () => {
    expect(scrub(`asked for ${secretUrl}`, 'a secret URL')).toBe('asked for [redacted]');
    expect(scrub('no route to tok5', undefined)).toBe('no route to [redacted]');
  });
});
