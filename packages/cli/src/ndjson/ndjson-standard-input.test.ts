import { PassThrough, Readable } from 'node:stream';
import type { Json } from '@aftercommit/models';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NdjsonBench, readAll, sourceError } from '../../test/ndjson-bench.js';

let bench: NdjsonBench;
beforeEach(async () => {
  bench = await NdjsonBench.create();
});
afterEach(() => bench.remove());

const from = (...chunks: Array<string | Buffer>) =>
  bench.source(['-'], {
    stdin: Readable.from(
      chunks.map((chunk) => Buffer.from(chunk)),
      { objectMode: false },
    ),
  });

describe('standard input', () => {
  test('is read line by line, over chunks, to its end', async () => {
    const reading = await readAll(
      from('\u{feff}{"id', '":1}\n\n{"id":"', Buffer.from([0xc3]), Buffer.from([0xa9]), '"}\r\n{"id":3}'),
    );
    expect(reading.read).toEqual([
      { document: { id: 1 }, bytes: 8, place: 'standard input:1' },
      { document: { id: 'é' }, bytes: 11, place: 'standard input:3' },
      { document: { id: 3 }, bytes: 8, place: 'standard input:4' },
    ]);
    expect(reading.position).toEqual({ stdin: { bytes: 34, lines: 4 } });
    expect(reading.caughtUp).not.toContain(true);
  });

  test('gives what is there without waiting for more', async () => {
    const stdin = new PassThrough();
    const reader = await bench.source(['-'], { stdin }).open(undefined);
    stdin.write('{"id":1}\n{"id":2}\n{"id":');
    expect(await reader.next(10)).toMatchObject({ documents: [{}, {}], position: { stdin: { bytes: 18, lines: 2 } } });
    const page = reader.next(10);
    stdin.write('3}\n');
    expect(await page).toMatchObject({ documents: [{ document: { id: 3 } }] });
    stdin.end();
    expect(await reader.next(10)).toBeUndefined();
    expect(await reader.next(10)).toBeUndefined();
    await reader.close();
  });

  test('gives at most the limit', async () => {
    const { positions } = await readAll(from('{}\n{}\n{}\n{}\n{}\n'), undefined, 2);
    expect(positions).toEqual([2, 4, 5].map((lines) => ({ stdin: { bytes: lines * 3, lines } })));
  });

  test('is not resumed: what comes is new, and that is said', async () => {
    const reading = await readAll(from('{"id":1}\n'), { stdin: { bytes: 100, lines: 9 } });
    expect(reading.documents).toEqual([{ id: 1 }]);
    expect(bench.warnings).toEqual([expect.stringContaining('Standard input cannot be resumed')]);
    bench.warnings.length = 0;
    await readAll(from('{"id":1}\n'));
    expect(bench.warnings).toEqual([]);
  });

  test('says that it cannot be resumed, so that all who read it read it together', () => {
    expect(from().isResumable).toBe(false);
    expect(bench.source(['a.ndjson']).isResumable).not.toBe(false);
  });

  test('refuses to be opened a second time', async () => {
    const source = from('{"id":1}\n');
    const reader = await source.open(undefined);
    expect(await sourceError(source.open(undefined))).toEqual({
      code: 'SOURCE_UNAVAILABLE',
      message:
        'Standard input is being read already, and what was read of it does not come again. Read a file instead.',
      cause: undefined,
    });
    expect((await reader.next(10))?.documents).toHaveLength(1);
    await reader.close();
  });

  test('never advises to run again with what was committed already', async () => {
    for (const input of ['{"id":1}\n{"id"', '{"id":1}\n{"id"}\n', '{"id":1}\n7\n']) {
      const { message } = await sourceError(readAll(from(input)));
      expect(message).toMatch(/^standard input:2(:\d+)?: /);
      expect(message).toContain('What was committed of it is kept, and what comes in the next run is read as new.');
      expect(message).not.toMatch(/run again|correct it/i);
    }
  });

  test.each<Json>([{ files: {} }, null, 7, { stdin: 7 }])(
    'refuses a position that is not its own: %j',
    async (position) => {
      expect(await sourceError(from('{}\n').open(position))).toMatchObject({
        code: 'SOURCE_CHANGED',
        message: expect.stringContaining('did not come from standard input'),
      });
    },
  );

  test('is an error when it ends in the middle of a line', async () => {
    expect(await sourceError(readAll(from('{"id":1}\n{"id"')))).toMatchObject({
      code: 'DOCUMENT_INVALID',
      message: expect.stringContaining('standard input:2:6: standard input ends in the middle of this line'),
    });
  });

  test('is an error where a line is no document, or too long', async () => {
    expect((await sourceError(readAll(from('{"id":1}\n\nhunter2\n')))).message).toMatch(
      /^standard input:3:1: the line is not JSON \(a value is missing\)/,
    );
    for (const end of ['', '\n']) {
      const stdin = Readable.from([Buffer.from(`{"text":"${'x'.repeat(50)}"}${end}`)], { objectMode: false });
      const source = bench.source(['-'], { stdin, lineBytes: 50 });
      expect((await sourceError(readAll(source))).message).toContain('is longer than 50 bytes');
    }
  });

  test('is an error at once where a line is too long, though its end may come', async () => {
    const stdin = new PassThrough();
    const reader = await bench.source(['-'], { stdin, lineBytes: 50 }).open(undefined);
    stdin.write('x'.repeat(51));
    expect((await sourceError(reader.next(1))).message).toContain('is longer than 50 bytes');
    await reader.close();
  });

  test('is an error when it breaks off, with the reason', async () => {
    const stdin = new PassThrough();
    const reader = await bench.source(['-'], { stdin }).open(undefined);
    stdin.write('{"id":1}\n');
    expect((await reader.next(10))?.documents).toHaveLength(1);
    const waiting = sourceError(reader.next(10));
    const cause = new Error('EIO: i/o error, read');
    stdin.destroy(cause);
    expect(await waiting).toEqual({
      code: 'SOURCE_UNAVAILABLE',
      message:
        'Standard input cannot be read: EIO: i/o error. What was committed of it is kept, and what comes in the next run is read as new.',
      cause,
    });
    await reader.close();
  });

  test('is an error when it is closed before its end', async () => {
    const stdin = new PassThrough();
    const reader = await bench.source(['-'], { stdin }).open(undefined);
    const waiting = sourceError(reader.next(10));
    stdin.destroy();
    expect((await waiting).message).toContain('it was closed before its end');
    await reader.close();
  });

  test('is let go by close, which ends a next that waits', async () => {
    const stdin = new PassThrough();
    const reader = await bench.source(['-'], { stdin }).open(undefined);
    const waiting = sourceError(reader.next(10));
    await reader.close();
    await reader.close();
    expect(await waiting).toMatchObject({ code: 'SOURCE_UNAVAILABLE', message: expect.stringContaining('closed') });
    expect(stdin.destroyed).toBe(true);
  });

  test('warns of what is lost when it is closed before its end', async () => {
    const stdin = new PassThrough();
    const reader = await bench.source(['-'], { stdin }).open(undefined);
    stdin.write('{"id":1}\n\n{"id":2}\n');
    expect((await reader.next(10))?.documents).toHaveLength(2);
    const waiting = sourceError(reader.next(10));
    await reader.close();
    await reader.close();
    await waiting;
    expect(bench.warnings).toEqual([
      'Standard input was left before its end, with 2 documents read. Those that were not committed cannot be read again',
    ]);
  });

  test('warns of nothing lost when nothing was read, it came to its end, or an error says so', async () => {
    const unread = await from('{}\n').open(undefined);
    await unread.close();
    await readAll(from('{"id":1}\n{"id":2}'));
    await sourceError(readAll(from('{"id":1}\nnonsense\n{"id":2}\n')));
    expect(bench.warnings).toEqual([]);
  });
});
