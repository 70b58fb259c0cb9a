import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { describeBody, evidenceBytes } from './body-evidence.js';

const describeText = (bytes: Uint8Array | string, options: { encoding?: string; complete?: boolean } = {}) =>
  describeBody(
    { bytes: Buffer.from(bytes), complete: options.complete ?? true },
    { 'content-encoding': options.encoding },
  );

describe('a body as evidence', () => {
  test('is one line without control characters', async () => {
    expect(await describeText(' busy\r\n\u001b[31mtry\u2028again\u202e\t ')).toBe('busy [31mtry again');
  });

  test('keeps ordinary spaces, so that a secret in it is still found by the core', async () => {
    expect(await describeText('Bearer  two  spaces')).toBe('Bearer  two  spaces');
  });

  test('is cut at the limit and between characters', async () => {
    const text = await describeText('é'.repeat(5000));
    expect(text).toBe(`${'é'.repeat(evidenceBytes / 2)}…`);
    expect(await describeText(`x${'é'.repeat(5000)}`)).toBe(`x${'é'.repeat(evidenceBytes / 2 - 1)}…`);
  });

  test.each([
    ['gzip', gzipSync],
    ['X-Gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['identity', (bytes: Buffer) => bytes],
  ] as const)('is decompressed from %s', async (encoding, compress) => {
    expect(await describeText(compress(Buffer.from('out of space')), { encoding })).toBe('out of space');
  });

  const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
  test.each([
    ['gzip', gzipSync],
    ['br', (bytes: Buffer) => brotliCompressSync(bytes, fast)],
  ] as const)('does not unpack more of %s than is kept', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(50_000_000, 'a'));
    const before = process.memoryUsage.rss();
    expect(await describeText(bomb, { encoding })).toBe(`${'a'.repeat(evidenceBytes)}…`);
    expect(process.memoryUsage.rss() - before).toBeLessThan(20_000_000);
  });

  test.each([
    ['gzip, br', (bytes: Buffer) => brotliCompressSync(gzipSync(bytes))],
    ['identity, GZIP ,gzip,', (bytes: Buffer) => gzipSync(gzipSync(bytes))],
  ])('is decompressed from %s, the last first', async (encoding, compress) => {
    expect(await describeText(compress(Buffer.from('out of space')), { encoding })).toBe('out of space');
  });

  test('does not unpack more than is kept of a bomb in a bomb', async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(50_000_000, 'a')));
    const before = process.memoryUsage.rss();
    await describeText(bomb, { encoding: 'gzip, gzip' });
    expect(process.memoryUsage.rss() - before).toBeLessThan(20_000_000);
  });

  test.each(['zstd', 'compress', 'aes128gcm', 'gzip, zstd', 'gzip;q=1', '*'])(
    'is nothing in the encoding %s, which is not read',
    async (encoding) => {
      expect(await describeText(gzipSync('out of space'), { encoding })).toBe('');
    },
  );

  test('is nothing when it is packed more often than four times', async () => {
    const packed = (times: number): Buffer => (times === 0 ? Buffer.from('out of space') : gzipSync(packed(times - 1)));
    const packedText = (times: number) =>
      describeText(packed(times), { encoding: Array(times).fill('gzip').join(', ') });
    expect([await packedText(4), await packedText(5)]).toEqual(['out of space', '']);
  });

  test('is what could be read of a broken or unfinished encoding', async () => {
    const packed = gzipSync('the disk is full, nothing can be written any more');
    expect(await describeText(packed.subarray(0, -12), { encoding: 'gzip', complete: false })).toMatch(/^the disk is/);
    expect(await describeText('not gzip at all', { encoding: 'gzip' })).toBe('');
    expect(await describeText('not brotli', { encoding: 'br' })).toBe('');
    expect(await describeText('?', { encoding: 'zork' })).toBe('');
    expect(await describeText('', { encoding: 'gzip' })).toBe('');
  });
});
