import { readFile, rename, rm, symlink, truncate } from 'node:fs/promises';
import type { Json } from '@aftercommit/models';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NdjsonBench, readAll, sourceError } from '../../test/ndjson-bench.js';

let bench: NdjsonBench;
beforeEach(async () => {
  bench = await NdjsonBench.create();
});
afterEach(() => bench.remove());

const read = (patterns: string[], position?: Json) => readAll(bench.source(patterns), position);
const ids = async (patterns: string[], position?: Json) =>
  (await read(patterns, position)).documents.map(({ id }) => id);

/** A position behind what the files hold now. */
const behind = async (patterns: string[]): Promise<Json> => {
  const { position } = await read(patterns);
  if (position === undefined) throw new Error('Nothing was read');
  return position;
};

describe('what was read before', () => {
  test('is not read again, and what was appended is', async () => {
    await bench.write('a.ndjson', '{"id":1}\n');
    const position = await behind(['a.ndjson']);
    expect(await read(['a.ndjson'], position)).toMatchObject({ documents: [], positions: [] });
    await bench.append('a.ndjson', '{"id":2}\n');
    const next = await read(['a.ndjson'], position);
    expect(next.places).toEqual(['a.ndjson:2']);
    expect(await ids(['a.ndjson'], next.position)).toEqual([]);
  });

  test('leaves new files to be read from their beginning, also those that sort before', async () => {
    await bench.write('b.ndjson', '{"id":1}\n');
    const position = await behind(['*.ndjson']);
    await bench.write('a.ndjson', '{"id":2}\n');
    await bench.append('b.ndjson', '{"id":3}\n');
    await bench.write('c.ndjson', '{"id":4}\n');
    expect(await ids(['*.ndjson'], position)).toEqual([2, 3, 4]);
  });

  test('counts under each spelling of a name', async () => {
    await bench.write('a.ndjson', '{"id":1}\n');
    const position = await behind([bench.path('a.ndjson')]);
    expect(await ids(['./a.ndjson'], position)).toEqual([]);
    expect(await ids(['*.ndjson'], position)).toEqual([]);
  });

  test('is kept for files that are called like fields of every object', async () => {
    await bench.write('__proto__', '{"id":1}\n');
    const position = await behind(['__proto__']);
    expect(await ids(['__proto__'], JSON.parse(JSON.stringify(position)) as Json)).toEqual([]);
  });
});

describe('a last line without a line end', () => {
  test.each(['\n', '\r\n', ' \n'])('was read, and goes on with its line end %j', async (lineEnd) => {
    await bench.write('a.ndjson', '{"id":1}\n{"id":2}');
    const position = await behind(['a.ndjson']);
    expect(await ids(['a.ndjson'], position)).toEqual([]);
    await bench.append('a.ndjson', lineEnd);
    expect(await ids(['a.ndjson'], position)).toEqual([]);
    await bench.append('a.ndjson', '{"id":3}\n\n{"id":4}');
    const { places, position: next } = await read(['a.ndjson'], position);
    expect(places).toEqual(['a.ndjson:3', 'a.ndjson:5']);
    expect(next).toMatchObject({ files: { 'a.ndjson': { lines: 5 } } });
  });

  test.each(['{"id":2}\n', '{"id":2}', ' x'])('is an error when something else follows: %j', async (rest) => {
    await bench.write('a.ndjson', '{"id":1}');
    const position = await behind(['a.ndjson']);
    await bench.append('a.ndjson', rest);
    expect(await sourceError(read(['a.ndjson'], position))).toMatchObject({
      code: 'DOCUMENT_INVALID',
      message: expect.stringContaining('a.ndjson:1: the line goes on behind a document'),
    });
  });

  test('is no document yet, and is one when the rest of it was written', async () => {
    await bench.write('a.ndjson', '{"id":1}\n');
    const position = await behind(['a.ndjson']);
    await bench.append('a.ndjson', '{"id":');
    expect((await sourceError(read(['a.ndjson'], position))).message).toContain(
      'a.ndjson:2:7: a.ndjson ends in the middle',
    );
    await bench.append('a.ndjson', '2}\n');
    expect((await read(['a.ndjson'], position)).places).toEqual(['a.ndjson:2']);
  });
});

describe('a file that is not as it was', () => {
  beforeEach(() => bench.write('a.ndjson', '{"id":1}\n{"id":2}\n'));

  test.each([1, 5, 1000])('is refused when it was truncated, read in chunks of %d', async (chunkBytes) => {
    const position = await behind(['a.ndjson']);
    await truncate(bench.path('a.ndjson'), 17);
    const error = await sourceError(bench.source(['a.ndjson'], { chunkBytes }).open(position));
    expect(error).toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining('a.ndjson was truncated: it has 17 bytes, and 18 bytes of it were read before.'),
    });
    expect(error.message).toContain(
      'Bring it back as it was, or bind the collection to another table: it is filled from the start of the sources.',
    );
  });

  test.each([1, 5, 1000])('is refused when one byte of it differs, read in chunks of %d', async (chunkBytes) => {
    const position = await behind(['a.ndjson']);
    await bench.write('a.ndjson', '{"id":9}\n{"id":2}\n{"id":3}\n');
    const source = bench.source(['a.ndjson'], { chunkBytes, follow: true });
    expect(await sourceError(source.open(position))).toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining('a.ndjson was replaced: its first 18 bytes are not those'),
    });
  });

  test('is the same when it was copied back', async () => {
    const position = await behind(['a.ndjson']);
    const content = await readFile(bench.path('a.ndjson'));
    await rm(bench.path('a.ndjson'));
    await bench.write('a.ndjson', Buffer.concat([content, Buffer.from('{"id":3}\n')]));
    expect(await ids(['a.ndjson'], position)).toEqual([3]);
  });

  test('is refused before anything of the others is read', async () => {
    await bench.write('b.ndjson', '{"id":3}\n');
    const position = await behind(['*.ndjson']);
    await bench.append('a.ndjson', '{"id":4}\n');
    await bench.write('b.ndjson', '{"id":5}\n');
    const opening = bench.source(['*.ndjson']).open(position);
    expect((await sourceError(opening)).message).toContain('b.ndjson was replaced');
  });

  test('is refused when it was replaced between open and its reading', async () => {
    const position = await behind(['a.ndjson']);
    await bench.write('new', '{"id":9}\n{"id":9}\n{"id":3}\n');
    const reader = await bench.source(['a.ndjson']).open(position);
    await rename(bench.path('new'), bench.path('a.ndjson'));
    expect(await sourceError(reader.next(1))).toMatchObject({ code: 'SOURCE_CHANGED' });
    await reader.close();
  });

  test('is refused when it was rewritten in place between open and its reading', async () => {
    const position = await behind(['a.ndjson']);
    const reader = await bench.source(['a.ndjson']).open(position);
    await bench.write('a.ndjson', '{"id":9}\n{"id":9}\n{"id":3}\n');
    expect(await sourceError(reader.next(1))).toMatchObject({ code: 'SOURCE_CHANGED' });
    await reader.close();
  });
});

describe('a file that is gone', () => {
  beforeEach(async () => {
    await bench.write('a.ndjson', '{"id":1}\n');
    await bench.write('b.ndjson', '{"id":2}\n');
  });

  test('is an error when it is named as it is', async () => {
    for (const patterns of [
      ['a.ndjson', 'b.ndjson'],
      ['./a.ndjson', 'b.ndjson'],
      [bench.path('a.ndjson'), 'b.ndjson'],
    ]) {
      await bench.write('a.ndjson', '{"id":1}\n');
      const position = await behind(patterns);
      await rm(bench.path('a.ndjson'));
      expect(await sourceError(read(patterns, position))).toMatchObject({
        code: 'SOURCE_CHANGED',
        message: expect.stringContaining('a.ndjson is not there any more, though it was read before. Bring it back'),
      });
    }
  });

  test('is an error also when a glob matches it besides, or it was named otherwise before', async () => {
    const besides = await behind(['a.ndjson', '*.ndjson']);
    const absolute = await behind([bench.path('a.ndjson'), 'b.ndjson']);
    const { position: otherwise } = await read(['a.ndjson', 'b.ndjson'], absolute);
    await rm(bench.path('a.ndjson'));
    expect(await sourceError(read(['a.ndjson', '*.ndjson'], besides))).toMatchObject({ code: 'SOURCE_CHANGED' });
    expect(await sourceError(read(['a.ndjson', 'b.ndjson'], otherwise))).toMatchObject({ code: 'SOURCE_CHANGED' });
  });

  test('is warned of once when a glob matched it, and is not read twice when it returns', async () => {
    const position = await behind(['*.ndjson']);
    await rm(bench.path('a.ndjson'));
    await bench.append('b.ndjson', '{"id":3}\n');
    const without = await read(['*.ndjson'], position);
    expect(without.documents).toEqual([{ id: 3 }]);
    expect(bench.warnings).toEqual([
      expect.stringContaining('a.ndjson: read before, and not there any more. What was stored of it stays'),
    ]);
    await bench.write('a.ndjson', '{"id":1}\n{"id":4}\n');
    expect(await ids(['*.ndjson'], without.position)).toEqual([4]);
    await bench.write('a.ndjson', '{"id":9}\n{"id":4}\n');
    expect((await sourceError(read(['*.ndjson'], without.position))).message).toContain('a.ndjson was replaced');
  });

  test('is kept in mind silently when its pattern was removed', async () => {
    for (const removed of ['a.ndjson', 'a*.ndjson']) {
      await bench.write('a.ndjson', '{"id":1}\n');
      const position = await behind([removed, 'b.ndjson']);
      await rm(bench.path('a.ndjson'));
      await bench.append('b.ndjson', '{"id":3}\n');
      const without = await read(['b.ndjson'], position);
      expect(without.documents).toEqual([{ id: 3 }]);
      expect(bench.warnings).toEqual([]);
      await bench.write('a.ndjson', '{"id":1}\n{"id":4}\n');
      expect(await ids([removed, 'b.ndjson'], without.position)).toEqual([4]);
      await bench.write('b.ndjson', '{"id":2}\n');
    }
  });

  test('does not hide that no file is matched at all', async () => {
    const position = await behind(['*.ndjson']);
    await Promise.all(['a.ndjson', 'b.ndjson'].map((name) => rm(bench.path(name))));
    expect(await sourceError(read(['*.ndjson'], position))).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  test('is not one that cannot be looked at', async () => {
    const position = await behind(['*.ndjson']);
    await rm(bench.path('a.ndjson'));
    await symlink(bench.path('a.ndjson'), bench.path('a.ndjson'));
    expect(await sourceError(read(['*.ndjson'], position))).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });
});

describe('a position', () => {
  const mark = { bytes: 9, lines: 1, sha256: 'a'.repeat(64), pattern: 'a.ndjson' };

  test.each<[Json, string]>([
    [{ stdin: { bytes: 9, lines: 1 } }, 'came from standard input, not from files'],
    [null, 'damaged: it is not one of files'],
    ['text', 'damaged'],
    [[], 'damaged'],
    [{}, 'damaged'],
    [{ files: [] }, 'damaged'],
    [{ files: { 'a.ndjson': null } }, 'damaged: at a.ndjson'],
    [{ files: { 'a.ndjson': { ...mark, bytes: -1 } } }, 'damaged: at the length of a.ndjson'],
    [{ files: { 'a.ndjson': { ...mark, bytes: 1.5 } } }, 'damaged: at the length of a.ndjson'],
    [{ files: { 'a.ndjson': { ...mark, bytes: '9' } } }, 'damaged: at the length of a.ndjson'],
    [{ files: { 'a.ndjson': { ...mark, bytes: 2 ** 60 } } }, 'damaged: at the length of a.ndjson'],
    [{ files: { 'a.ndjson': { ...mark, lines: 10 } } }, 'damaged: at the length of a.ndjson'],
    [{ files: { 'a.ndjson': { ...mark, sha256: 'a' } } }, 'damaged: at the SHA-256 of a.ndjson'],
    [{ files: { 'a.ndjson': { ...mark, sha256: 7 } } }, 'damaged: at the SHA-256 of a.ndjson'],
    [{ files: { 'a.ndjson': { ...mark, pattern: 7 } } }, 'damaged: at the pattern of a.ndjson'],
  ])('of another shape is refused: %j', async (position, problem) => {
    await bench.write('a.ndjson', '{"id":1}\n');
    const error = await sourceError(bench.source(['a.ndjson']).open(position));
    expect(error).toMatchObject({ code: 'SOURCE_CHANGED', message: expect.stringContaining(problem) });
    expect(error.message).toContain('bind the collection to another table');
  });
});
