import { expect, it } from 'vitest';
import { Redactor } from './redactor.js';
import { urlSecrets } from './url-secrets.js';

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
