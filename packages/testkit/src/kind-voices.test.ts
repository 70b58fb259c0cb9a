import { expect, onTestFinished, test } from 'vitest';
import { KindScope } from './kind-scope.js';
import { KindVoices } from './kind-voices.js';

function leaksOf(secret: string, ...texts: string[]): string[] {
  const voices = new KindVoices(new KindScope());
  onTestFinished(() => voices.stop());
  for (const text of texts) voices.heard(text, text);
  return voices.leaks([secret]);
}

test('a secret of plain words is one as a whole, since each word may stand in an honest message', () => {
  const shown = ['as Bearer secret', btoa('Bearer secret').replace(/=+$/, ''), 'authorization=Bearer%20secret'];
  expect(leaksOf('Bearer secret', 'no secret was given', ...shown)).toEqual(shown);
});

test('a secret that looks like nothing else is one in each of its parts, and when it is cut', () => {
  const shown = ['token s3cret-4711', 'as "Bearer s3cr'];
  expect(leaksOf('Bearer s3cret-4711', 'a Bearer token is missing', ...shown)).toEqual(shown);
});

test('of a secret URL the host may be shown, and no more', () => {
  const url = 'https://hooks.example.com/services/T0/B0/t0ken';
  expect(leaksOf(url, 'https://hooks.example.com', `POST ${url}`)).toEqual([`POST ${url}`]);
});

test('what others print is not heard, and afterwards nothing is', () => {
  const { log } = console;
  const { write } = process.stdout;
  const scope = new KindScope();
  const voices = new KindVoices(scope);
  console.log('of the test: s3cret-4711');
  expect(voices.leaks(['s3cret-4711'])).toEqual([]);
  scope.run(() => console.log('of the kind: s3cret-4711'));
  expect(voices.leaks(['s3cret-4711'])).toContain('console.log()');
  voices.stop();
  expect(console.log).toBe(log);
  expect(process.stdout.write).toBe(write);
});
