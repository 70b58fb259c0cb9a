import { createHash } from 'node:crypto';
import { mkdir, readdir, readlink, rename, symlink, truncate } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NdjsonBench, readAll, sourceError } from '../../test/ndjson-bench.js';

let bench: NdjsonBench;
beforeEach(async () => {
  bench = await NdjsonBench.create();
});
afterEach(() => bench.remove());

const read = (...patterns: string[]) => readAll(bench.source(patterns));
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('lines', () => {
  test('reads a document from each line, with its place and its length', async () => {
    await bench.write('a.ndjson', '{"id":1}\n{"id":2,"name":"é"}\r\n{"id":3}\n');
    expect((await read('a.ndjson')).read).toEqual([
      { document: { id: 1 }, bytes: 8, place: 'a.ndjson:1' },
      { document: { id: 2, name: 'é' }, bytes: 20, place: 'a.ndjson:2' },
      { document: { id: 3 }, bytes: 8, place: 'a.ndjson:3' },
    ]);
  });

  test('passes over blank lines and a byte order mark, and counts them', async () => {
    const text = '\u{feff}{"id":1}\n\n \t\r\r\n{"id":2}\n\n';
    await bench.write('a.ndjson', text);
    const { read: documents, position } = await read('a.ndjson');
    expect(documents.map(({ bytes, place }) => [bytes, place])).toEqual([
      [8, 'a.ndjson:1'],
      [8, 'a.ndjson:4'],
    ]);
    expect(position).toMatchObject({ files: { 'a.ndjson': { bytes: 28, lines: 5, sha256: sha256(text) } } });
  });

  test('keeps large integers exact', async () => {
    await bench.write('a.ndjson', '{"id":9007199254740993}\n');
    expect((await read('a.ndjson')).documents).toEqual([{ id: 9007199254740993n }]);
  });

  test('takes a last line without a line end for a document when it is whole', async () => {
    await bench.write('a.ndjson', '{"id":1}\n{"id":2}');
    const { documents, position } = await read('a.ndjson');
    expect(documents).toEqual([{ id: 1 }, { id: 2 }]);
    expect(position).toMatchObject({ files: { 'a.ndjson': { bytes: 17, lines: 2 } } });
  });

  test('reads a file that is empty, or has blank lines alone, as nothing', async () => {
    await bench.write('a.ndjson', '');
    await bench.write('b.ndjson', '\n\n  ');
    expect(await read('*.ndjson')).toMatchObject({ documents: [], positions: [] });
  });

  test('reads lines that lie in several chunks', async () => {
    const long = JSON.stringify({ text: 'é'.repeat(500) });
    await bench.write('a.ndjson', `${long}\n\r\n${long}\n`);
    const { read: documents } = await readAll(bench.source(['a.ndjson'], { chunkBytes: 3 }));
    expect(documents.map(({ bytes }) => bytes)).toEqual([1011, 1011]);
  });
});

describe('a line that is no document', () => {
  test.each([
    ['{"password":"hunter2",}', ':23: the line is not JSON (a comma stands before the end)'],
    ['{"password":hunter2}', ':13: the line is not JSON (a value is missing)'],
    ['{"password":"hunter2"', ':22: the line is not JSON (the line ends too early)'],
    ['{"password":"hunter2","a":12345678901234567,}', ':45: the line is not JSON (a comma stands before the end)'],
    ['["hunter2"]', ': the line is an array, not a JSON object'],
    ['"hunter2"', ': the line is a text, not a JSON object'],
    ['null', ': the line is null, not a JSON object'],
    ['17', ': the line is a number, not a JSON object'],
    ['{"a":1e999}', ':6: the line is not JSON (a number is too large)'],
    [`{"b":${'['.repeat(1_000)}${']'.repeat(1_000)}}`, ': the line is nested too deeply'],
    [`{"a":12345678901234567,"b":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, ': the line is nested too deeply'],
  ])('is refused with its place and the reason, and shows no data: %#', async (line, problem) => {
    await bench.write('a.ndjson', `{"id":1}\n${line}\n{"id":2}\n`);
    const error = await sourceError(read('a.ndjson'));
    expect(error.code).toBe('DOCUMENT_INVALID');
    expect(error.message).toContain(`a.ndjson:2${problem}. Correct it`);
    expect(error.message).not.toContain('hunter2');
    expect(error.cause).toBeUndefined();
  });

  test('is refused when it is not UTF-8', async () => {
    await bench.write('a.ndjson', Buffer.from('{"name":"\u00fcber"}\n', 'latin1'));
    expect(await sourceError(read('a.ndjson'))).toMatchObject({
      code: 'DOCUMENT_INVALID',
      message: expect.stringContaining('a.ndjson:1: the line is not UTF-8 (byte 10 of the line)'),
    });
  });

  test('is refused when it is too long, ended or not', async () => {
    const line = JSON.stringify({ text: 'x'.repeat(100) });
    for (const text of [`${line}\n`, line]) {
      await bench.write('a.ndjson', `{"id":1}\n${text}`);
      for (const chunkBytes of [7, 1000]) {
        const reading = readAll(bench.source(['a.ndjson'], { chunkBytes, lineBytes: 100 }));
        expect(await sourceError(reading)).toMatchObject({
          code: 'DOCUMENT_INVALID',
          message: expect.stringContaining('a.ndjson:2: the line is longer than 100 bytes'),
        });
      }
    }
    await bench.write('b.ndjson', `${line}\n`);
    expect((await readAll(bench.source(['b.ndjson'], { lineBytes: line.length }))).documents).toHaveLength(1);
  });

  test.each([
    [
      '[\n{"id":1}\n]\n',
      'a.ndjson:1:2: the line is not JSON (the line ends too early). One JSON object per line is expected, without',
    ],
    [
      '[{"id":"hunter2"},{"id":2}]',
      'is an array, not a JSON object. One JSON object per line is expected, without a list',
    ],
    [
      '{\n  "id": "hunter2"\n}\n',
      'too early). One JSON object per line is expected: jq -c . makes one line of each object.',
    ],
    ['{"id": "hunter2",\n"b": 1}\n', 'too early). One JSON object per line is expected: jq -c . makes'],
    [
      '\u{feff}id,name\nhunter2,b\n',
      'a.ndjson:1:1: the line is not JSON (a value is missing). One JSON object per line is expected.',
    ],
    ['id,name', 'a.ndjson:1:1: the line is not JSON (a value is missing). One JSON object per line is expected.'],
    ['{"id":hunter2}\n', 'a value is missing). Correct it or remove it'],
  ])('says what is expected where the whole file is something else: %#', async (text, piece) => {
    await bench.write('a.ndjson', text);
    const { message } = await sourceError(read('a.ndjson'));
    expect(message).toMatch(/^a\.ndjson:1(:\d+)?: the line /);
    expect(message).toContain(piece);
    expect(message).not.toContain('hunter2');
  });

  test.each([
    ['gzip', gzipSync('{"id":1}\n'), 'begins as what gzip has compressed does. Decompress it first.'],
    ['UTF-16', Buffer.from('\u{feff}{"id":1}\n', 'utf16le'), 'has NUL bytes in it'],
    ['NUL', Buffer.from([0x7b, 0, 0x7d]), 'has NUL bytes in it, as UTF-16 and binary files have. Convert it to UTF-8'],
  ])('says that %s is not text', async (_name, content, piece) => {
    await bench.write('a.ndjson', content);
    const { message } = await sourceError(read('a.ndjson'));
    expect(message).toContain('a.ndjson:1: the line is not text: it ');
    expect(message).toContain(piece);
  });

  test('is refused at the end of a file with what its writer may still owe', async () => {
    await bench.write('a.ndjson', '{"id":1}\n{"id":');
    const error = await sourceError(read('a.ndjson'));
    expect(error.code).toBe('DOCUMENT_INVALID');
    expect(error.message).toContain('a.ndjson:2:7: a.ndjson ends in the middle of this line');
    expect(error.message).toContain('Its writer may not be done');
  });

  test('is refused again by each page when it is the first', async () => {
    await bench.write('a.ndjson', 'nonsense\n');
    const reader = await bench.source(['a.ndjson']).open(undefined);
    for (let again = 0; again < 3; again += 1) {
      expect(await sourceError(reader.next(1))).toMatchObject({ code: 'DOCUMENT_INVALID' });
    }
    await reader.close();
  });

  test('comes after the documents before it, and again each time', async () => {
    await bench.write('a.ndjson', '{"id":1}\n{"id":2}\n\nnonsense\n');
    for (const limit of [1, 2, 10]) {
      const reader = await bench.source(['a.ndjson']).open(undefined);
      const ids: unknown[] = [];
      while (ids.length < 2) {
        const page = await reader.next(limit);
        ids.push(...(page?.documents ?? []).map(({ document }) => document['id']));
        expect(page?.isCaughtUp).toBe(false);
      }
      expect(ids).toEqual([1, 2]);
      for (let again = 0; again < 2; again += 1) {
        expect(await sourceError(reader.next(limit))).toMatchObject({ code: 'DOCUMENT_INVALID' });
      }
      await reader.close();
    }
  });
});

describe('patterns', () => {
  test('are read in their order, the files of a glob in code point order, each file once', async () => {
    for (const name of ['b', 'a', 'B', '\u{ff5e}', '\u{1f600}', 'sub/c', '.hidden']) {
      await bench.write(`${name}.ndjson`, '{}\n');
    }
    await mkdir(bench.path('folder.ndjson'));
    const names = (places: string[]) => places.map((place) => place.replace('.ndjson:1', ''));
    expect(names((await read('*.ndjson')).places)).toEqual(['B', 'a', 'b', '\u{ff5e}', '\u{1f600}']);
    expect(names((await read('**/*.ndjson')).places)).toEqual(['B', 'a', 'b', 'sub/c', '\u{ff5e}', '\u{1f600}']);
    expect(names((await read('b.ndjson', './a.ndjson', '*.ndjson')).places)).toEqual([
      'b',
      'a',
      'B',
      '\u{ff5e}',
      '\u{1f600}',
    ]);
    expect(names((await read('.h*.ndjson')).places)).toEqual(['.hidden']);
  });

  test('name a file literally that has the characters of a glob', async () => {
    await bench.write('a[1].ndjson', '{"id":"literal"}\n');
    await bench.write('a1.ndjson', '{"id":"glob"}\n');
    expect((await read('a[1].ndjson')).documents).toEqual([{ id: 'literal' }]);
    expect((await read('a[1-2].ndjson')).documents).toEqual([{ id: 'glob' }]);
    expect((await read('a\\[1\\].ndjson')).documents).toEqual([{ id: 'literal' }]);
  });

  test('stay absolute, and lead out of the folder', async () => {
    await bench.write('in/spec.yaml', '');
    await bench.write('out/a.ndjson', '{"id":1}\n');
    const from = (pattern: string) =>
      readAll(bench.source([pattern.replace('DIRECTORY', bench.directory)], { chunkBytes: 100 })).then(
        ({ places, position }) => [places, Object.keys((position as { files: object }).files)],
      );
    const absolute = bench.path('out/a.ndjson');
    expect(await from('DIRECTORY/out/a.ndjson')).toEqual([[`${absolute}:1`], [absolute]]);
    expect(await from('DIRECTORY/out/*.ndjson')).toEqual([[`${absolute}:1`], [absolute]]);
    expect(await from('in/../out/*.ndjson')).toEqual([['out/a.ndjson:1'], ['out/a.ndjson']]);
  });

  test('are followed through links', async () => {
    await bench.write('real/a.ndjson', '{"id":1}\n');
    await symlink(bench.path('real'), bench.path('link'));
    expect((await read('link/*.ndjson')).places).toEqual(['link/a.ndjson:1']);
  });

  test('of which none matches a file are an error, and so is a name that is missing', async () => {
    await bench.write('a.ndjson', '{}\n');
    for (const patterns of [['b*.ndjson'], ['b.ndjson'], ['a.ndjson', 'b.ndjson'], ['a.ndjson/b.ndjson']]) {
      expect(await sourceError(read(...patterns))).toMatchObject({
        code: 'SOURCE_UNAVAILABLE',
        message: expect.stringContaining(`There is no file ${patterns.at(-1)}. Correct the name`),
      });
    }
  });

  test('of which one matches nothing beside others are warned of', async () => {
    await bench.write('a.ndjson', '{}\n');
    expect((await read('a.ndjson', 'b*.ndjson')).documents).toHaveLength(1);
    expect(bench.warnings).toEqual([expect.stringContaining('No file matches b*.ndjson')]);
  });

  test('that name a folder or a device are an error that says what to write', async () => {
    await mkdir(bench.path('folder'));
    expect(await sourceError(read('folder/'))).toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: 'folder/ is a folder. Name the files in it, as in folder/*.ndjson.',
    });
    expect(await sourceError(read('/dev/null'))).toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('/dev/null is no regular file'),
    });
  });

  test('do not stand for what is in a folder', async () => {
    await bench.write('folder/a.ndjson', '{}\n');
    expect(await sourceError(read('f?lder'))).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  test('that mix standard input and files are an error', async () => {
    await bench.write('a.ndjson', '{}\n');
    expect(await sourceError(read('-', 'a.ndjson'))).toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('The NDJSON source has standard input (-) beside'),
    });
  });

  test('that cannot be looked at are an error with the reason of the system', async () => {
    await symlink(bench.path('loop.ndjson'), bench.path('loop.ndjson'));
    const error = await sourceError(read('loop.ndjson'));
    expect(error.code).toBe('SOURCE_UNAVAILABLE');
    expect(error.message).toMatch(/^loop\.ndjson cannot be read: ELOOP: [a-z ]+\. See to it/);
    expect(error.cause).toMatchObject({ code: 'ELOOP' });
  });
});

describe('pages', () => {
  test('hold at most the limit, and end with their bytes', async () => {
    await bench.write('a.ndjson', '{"id":1}\n'.repeat(10));
    const sizes = async (limit: number, pageBytes: number) => {
      const { positions } = await readAll(bench.source(['a.ndjson'], { pageBytes }), undefined, limit);
      return positions.map(
        (position) => (position as { files: Record<string, { lines: number }> }).files['a.ndjson']?.lines,
      );
    };
    expect(await sizes(4, 1000)).toEqual([4, 8, 10]);
    expect(await sizes(100, 24)).toEqual([3, 6, 9, 10]);
    expect(await sizes(100, 1000)).toEqual([10]);
  });

  test('span files, and say where nothing follows', async () => {
    await bench.write('a.ndjson', '{"id":1}\n\n');
    await bench.write('b.ndjson', '');
    await bench.write('c.ndjson', '{"id":2}\n{"id":3}\n\n\n');
    await bench.write('d.ndjson', '\n');
    const of = async (limit: number) => (await readAll(bench.source(['*.ndjson']), undefined, limit)).caughtUp;
    expect(await of(1)).toEqual([false, false, true]);
    expect(await of(2)).toEqual([false, true]);
    expect(await of(3)).toEqual([true]);
    expect(await of(10)).toEqual([true]);
  });

  test('have positions that cover their own lines alone', async () => {
    const lines = ['{"id":1}\n', '\n{"id":2}\r\n', '{"id":3}'];
    await bench.write('a.ndjson', lines.join(''));
    const { positions } = await readAll(bench.source(['a.ndjson']), undefined, 1);
    const texts = [lines[0] ?? '', lines.slice(0, 2).join(''), lines.join('')];
    expect(positions).toEqual(
      texts.map((text, index) => ({
        files: {
          'a.ndjson': {
            bytes: text.length,
            lines: [1, 3, 4][index],
            sha256: sha256(text),
            pattern: 'a.ndjson',
          },
        },
      })),
    );
  });
});

describe('a file that changes while it is read', () => {
  const lines = '{"id":1}\n'.repeat(20);

  test('is noticed when it shrinks', async () => {
    await bench.write('a.ndjson', lines);
    const reader = await bench.source(['a.ndjson'], { chunkBytes: 90 }).open(undefined);
    expect((await reader.next(5))?.documents).toHaveLength(5);
    await truncate(bench.path('a.ndjson'), 20);
    const rest = (async () => {
      while ((await reader.next(5)) !== undefined);
    })();
    expect(await sourceError(rest)).toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringMatching(
        /^a\.ndjson was truncated: it has 20 bytes, and \d+ bytes of it were read before\. Bring it back/,
      ),
    });
    await reader.close();
  });

  test.each<[string, string, string | undefined]>([
    ['is noticed when it is replaced', '{"id":9}\n'.repeat(20), 'a.ndjson was replaced'],
    ['is noticed when it is replaced by a shorter one', '{"id":1}\n'.repeat(3), 'a.ndjson was truncated'],
    ['is read on when it is replaced by one that begins as it', `${lines}{"id":2}\n`, undefined],
  ])('%s', async (_, content, problem) => {
    await bench.write('a.ndjson', lines);
    await bench.write('new', content);
    const reader = await bench.source(['a.ndjson'], { chunkBytes: 90 }).open(undefined);
    await reader.next(5);
    await rename(bench.path('new'), bench.path('a.ndjson'));
    let last: unknown;
    const rest = (async () => {
      for (let page = await reader.next(5); page !== undefined; page = await reader.next(5)) {
        last = page.documents.at(-1);
      }
    })();
    if (problem === undefined) {
      await rest;
      expect(last).toMatchObject({ document: { id: 2 }, place: 'a.ndjson:21' });
    } else {
      const error = await sourceError(rest);
      expect(error).toMatchObject({ code: 'SOURCE_CHANGED', message: expect.stringContaining(problem) });
    }
    await reader.close();
  });
});

describe('open files', () => {
  const openNow = async () => {
    const names = await readdir('/proc/self/fd');
    const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
    return targets.filter((target) => target.startsWith(bench.directory)).length;
  };

  test.runIf(process.platform === 'linux')('are one at a time, and none after the end, an error or close', async () => {
    for (let index = 0; index < 20; index += 1) await bench.write(`${index}.ndjson`, '{"id":1}\n{"id":2}\n{"id":3}\n');
    const reader = await bench.source(['*.ndjson']).open(undefined);
    expect(await openNow()).toBe(0);
    await reader.next(2);
    expect(await openNow()).toBe(1);
    await reader.next(6);
    expect(await openNow()).toBe(1);
    await reader.close();
    expect(await openNow()).toBe(0);
    const { position } = await readAll(bench.source(['*.ndjson']));
    expect(await openNow()).toBe(0);
    await readAll(bench.source(['*.ndjson']), position);
    expect(await openNow()).toBe(0);
    await bench.write('9.ndjson', 'nonsense\n');
    await sourceError(readAll(bench.source(['*.ndjson'])));
    expect(await openNow()).toBe(0);
  });
});

describe('close', () => {
  test('can come twice, before the first page and after the end, and nothing is read afterwards', async () => {
    await bench.write('a.ndjson', '{"id":1}\n{"id":2}\n');
    const reader = await bench.source(['a.ndjson']).open(undefined);
    await reader.next(1);
    await reader.close();
    await reader.close();
    expect(await sourceError(reader.next(1))).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    const unread = await bench.source(['a.ndjson']).open(undefined);
    await expect(unread.close()).resolves.toBeUndefined();
  });
});
