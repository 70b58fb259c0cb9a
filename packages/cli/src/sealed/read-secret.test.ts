import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { testIo } from '../../test/command-line-bench.js';
import { readSecret } from './read-secret.js';

/** A keyboard whose keys are pressed one chunk after the other, and how it was set. */
function keyboard() {
  const modes: boolean[] = [];
  const setRawMode = (isRaw: boolean): unknown => modes.push(isRaw);
  return { modes, stdin: Object.assign(new PassThrough(), { isTTY: true, setRawMode }) };
}

describe('at a prompt', () => {
  test.each([
    ['until Enter', ['s3cr', 'et\r'], 's3cret'],
    ['without what was taken back', ['s3cx\u007fr\b\u007fcret\n'], 's3cret'],
    ['until the end of input', ['s3cret\u0004'], 's3cret'],
    ['a character that comes in two pieces', [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0d])], 'é'],
  ])('a value is read %s, and never shown', async (_title, keys, value) => {
    const { stdin, modes } = keyboard();
    const io = testIo('/', { stdin, isTTY: true });
    const reading = readSecret('Value: ', io);
    for (const key of keys) stdin.write(key);
    expect(await reading).toBe(value);
    expect(io.stderr.text).toBe('Value: \n');
    expect(modes).toEqual([true, false]);
    expect(stdin.isPaused()).toBe(true);
  });

  test('Ctrl-C gives up, and the terminal is as it was', async () => {
    const { stdin, modes } = keyboard();
    const reading = readSecret('Value: ', testIo('/', { stdin, isTTY: true }));
    stdin.write('s3c\u0003');
    await expect(reading).rejects.toThrow('Interrupted. Nothing was changed.');
    expect(modes).toEqual([true, false]);
  });

  test('nothing is no value', async () => {
    const { stdin } = keyboard();
    const reading = readSecret('Value: ', testIo('/', { stdin, isTTY: true }));
    stdin.write('\r');
    await expect(reading).rejects.toThrow('No value was given');
  });
});

describe('from a pipe', () => {
  test.each([
    ['s3cret', 's3cret'],
    ['s3cret\n', 's3cret'],
    ['s3cret\r\n', 's3cret'],
    ['two\nlines\n\n', 'two\nlines\n'],
  ])('%j is %j', async (input, value) => {
    const io = testIo('/');
    io.stdin.push(input);
    io.stdin.push(null);
    expect(await readSecret('Value: ', io)).toBe(value);
    expect(io.stderr.text).toBe('');
  });
});
