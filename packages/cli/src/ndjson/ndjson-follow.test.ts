import { rename, rm, symlink, truncate } from 'node:fs/promises';
import type { SourcePage, SourceReader } from '@aftercommit/runtime-adapter';
import { ManualClock } from '@aftercommit/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NdjsonBench, sourceError } from '../../test/ndjson-bench.js';

let bench: NdjsonBench;
let clock: ManualClock;
let reader: SourceReader;
beforeEach(async () => {
  bench = await NdjsonBench.create();
  clock = new ManualClock();
});
afterEach(async () => {
  await reader.close();
  await bench.remove();
});

const follow = async (...patterns: string[]): Promise<void> => {
  reader = await bench.source(patterns, { follow: true, clock }).open(undefined);
};
const idsOf = (page: SourcePage | undefined) => page?.documents.map(({ document }) => document['id']);

/** What comes of a `next` that waits, when the files are changed meanwhile. */
const whileWaiting = async (change: () => Promise<void>): Promise<SourcePage | undefined> => {
  const page = reader.next(10);
  page.catch(() => undefined);
  expect(await clock.nextSleep()).toEqual({ durationMs: 200, wakesInMs: 200 });
  await change();
  await clock.advance(200);
  return page;
};

describe('a source that follows', () => {
  test('waits for what is appended', async () => {
    await bench.write('a.ndjson', '{"id":1}\n');
    await follow('a.ndjson');
    expect(await reader.next(10)).toMatchObject({ isCaughtUp: true });
    const page = await whileWaiting(() => bench.append('a.ndjson', '{"id":2}\n{"id":3}\n'));
    expect([idsOf(page), page?.isCaughtUp, page?.documents[0]?.place]).toEqual([[2, 3], true, 'a.ndjson:2']);
  });

  test('says that it caught up on the page that ends everything at hand, and not before', async () => {
    await bench.write('a.ndjson', '{"id":1}\n{"id":2}\n\n');
    await follow('*.ndjson');
    expect((await reader.next(1))?.isCaughtUp).toBe(false);
    expect((await reader.next(1))?.isCaughtUp).toBe(true);
  });

  test('waits for new files, also those that sort before', async () => {
    await bench.write('b.ndjson', '{"id":1}\n');
    await follow('*.ndjson');
    await reader.next(10);
    const page = await whileWaiting(async () => {
      await bench.write('a.ndjson', '{"id":2}\n');
      await bench.write('c.ndjson', '{"id":3}\n');
    });
    expect(idsOf(page)).toEqual([2, 3]);
  });

  test('waits for the first file, and says so once', async () => {
    await follow('a.ndjson', 'b*.ndjson');
    const page = reader.next(10);
    await clock.nextSleep();
    await clock.advance(200);
    await clock.nextSleep();
    expect(bench.infos).toEqual(['Waits for a.ndjson, b*.ndjson: there is no such file yet']);
    await bench.write('a.ndjson', '{"id":1}\n');
    await clock.advance(200);
    expect(idsOf(await page)).toEqual([1]);
    expect(bench.infos).toHaveLength(1);
  });

  test('looks again and again without a document', async () => {
    await bench.write('a.ndjson', '');
    await follow('a.ndjson');
    const page = reader.next(10);
    for (let look = 0; look < 5; look += 1) {
      await clock.nextSleep();
      if (look === 4) await bench.append('a.ndjson', '{"id":1}\n');
      else if (look === 2) await bench.append('a.ndjson', '\n\n');
      await clock.advance(200);
    }
    expect((await page)?.documents).toEqual([{ document: { id: 1 }, bytes: 8, place: 'a.ndjson:3' }]);
  });

  test('reads what came meanwhile without waiting', async () => {
    await bench.write('a.ndjson', '{"id":1}\n');
    await follow('a.ndjson');
    await reader.next(10);
    await bench.append('a.ndjson', '{"id":2}\n');
    expect(idsOf(await reader.next(10))).toEqual([2]);
    expect(clock.sleepers).toEqual([]);
  });

  test('goes on from its position in another session', async () => {
    await bench.write('a.ndjson', '{"id":1}\n');
    await follow('a.ndjson');
    const page = await reader.next(10);
    await reader.close();
    await bench.append('a.ndjson', '{"id":2}\n');
    reader = await bench.source(['a.ndjson'], { follow: true, clock }).open(page?.position);
    expect(idsOf(await reader.next(10))).toEqual([2]);
  });
});

describe('a last line without a line end', () => {
  test('is waited for until it is whole', async () => {
    await bench.write('a.ndjson', '{"id":1}\n{"id"');
    await bench.write('b.ndjson', '{"id":3}\n');
    await follow('*.ndjson');
    expect(await reader.next(10)).toMatchObject({
      documents: [{ document: { id: 1 } }, { document: { id: 3 } }],
      position: { files: { 'a.ndjson': { bytes: 9, lines: 1 } } },
      isCaughtUp: true,
    });
    const page = reader.next(10);
    await clock.nextSleep();
    await bench.append('a.ndjson', ':2');
    await clock.advance(200);
    await clock.nextSleep();
    await bench.append('a.ndjson', '}\n');
    await clock.advance(200);
    const { documents, position } = (await page) ?? {};
    expect(documents).toEqual([{ document: { id: 2 }, bytes: 8, place: 'a.ndjson:2' }]);
    const again = await bench.source(['*.ndjson']).open(position);
    expect(await again.next(1)).toBeUndefined();
    await again.close();
  });

  test('is read when it is a document, and its line end is no line of its own', async () => {
    await bench.write('a.ndjson', '{"id":1}');
    await follow('a.ndjson');
    expect(await reader.next(10)).toMatchObject({ documents: [{ bytes: 8 }], isCaughtUp: true });
    const page = await whileWaiting(() => bench.append('a.ndjson', '\n{"id":2}\n'));
    expect(page?.documents[0]?.place).toBe('a.ndjson:2');
  });

  test('is an error when it is ended and no document', async () => {
    await bench.write('a.ndjson', '{"id"');
    await follow('a.ndjson');
    expect(await sourceError(whileWaiting(() => bench.append('a.ndjson', '\n')))).toMatchObject({
      code: 'DOCUMENT_INVALID',
      message: expect.stringContaining('a.ndjson:1:6: the line is not JSON (the line ends too early)'),
    });
  });
});

describe('a file that changes while nobody reads it', () => {
  beforeEach(async () => {
    await bench.write('a.ndjson', '{"id":1}\n{"id":2}\n');
    await bench.write('new', '{"id":1}\n{"id":2}\n{"id":3}\n');
  });

  const replaceBy = async (content: string): Promise<void> => {
    await bench.write('new', content);
    await rename(bench.path('new'), bench.path('a.ndjson'));
  };

  test.each<[string, () => Promise<void>, string]>([
    ['shrinks', () => truncate(bench.path('a.ndjson'), 9), 'was truncated: it has 9 bytes, and 18 bytes'],
    ['is replaced', () => replaceBy('{"id":1}\n{"id":7}\n{"id":3}\n'), 'was replaced: its first 18 bytes'],
    ['is replaced by a shorter one', () => replaceBy('{"id":1}\n'), 'was truncated: it has 9 bytes, and 18 bytes'],
    ['is rewritten in place, and longer', () => bench.write('a.ndjson', '{"id":7}\n'.repeat(3)), 'was replaced'],
    ['is removed', () => rm(bench.path('a.ndjson')), 'is not there any more'],
  ])('ends the reading when it %s', async (_, change, problem) => {
    await follow('a.ndjson');
    await reader.next(10);
    expect(await sourceError(whileWaiting(change))).toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining(`a.ndjson ${problem}`),
    });
  });

  test('goes on when it is replaced by one that begins with what was read', async () => {
    await follow('a.ndjson');
    await reader.next(10);
    const page = await whileWaiting(() => rename(bench.path('new'), bench.path('a.ndjson')));
    expect([idsOf(page), page?.documents[0]?.place]).toEqual([[3], 'a.ndjson:3']);
    await bench.append('a.ndjson', '{"id":4}\n');
    expect(idsOf(await reader.next(10))).toEqual([4]);
  });

  test('is read anew when nothing of it counted, also where its length is the same', async () => {
    await bench.write('a.ndjson', '{"id":1.');
    await follow('a.ndjson');
    const page = await whileWaiting(() => replaceBy('{"id":1}'));
    expect(idsOf(page)).toEqual([1]);
  });

  test('ends the reading when its path is a link that leads to another one', async () => {
    await symlink('a.ndjson', bench.path('latest.ndjson'));
    await bench.write('b.ndjson', '{"id":5}\n{"id":6}\n{"id":7}\n');
    await follow('latest.ndjson');
    await reader.next(10);
    const change = async () => {
      await rm(bench.path('latest.ndjson'));
      await symlink('b.ndjson', bench.path('latest.ndjson'));
    };
    expect(await sourceError(whileWaiting(change))).toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining('latest.ndjson was replaced'),
    });
  });

  test('is warned of once when a glob matched it and it is gone, and goes on when it is back', async () => {
    await follow('a*.ndjson');
    await reader.next(10);
    const page = reader.next(10);
    await clock.nextSleep();
    await rm(bench.path('a.ndjson'));
    for (let look = 0; look < 3; look += 1) {
      await clock.advance(200);
      await clock.nextSleep();
    }
    expect(bench.warnings).toEqual([
      expect.stringContaining('a.ndjson: read before, and not there any more. What was stored of it stays'),
    ]);
    await rename(bench.path('new'), bench.path('a.ndjson'));
    await clock.advance(200);
    expect(idsOf(await page)).toEqual([3]);
    void sourceError(reader.next(10));
    await clock.nextSleep();
    await rm(bench.path('a.ndjson'));
    await clock.advance(200);
    await clock.nextSleep();
    expect(bench.warnings).toHaveLength(2);
  });

  test('may be another one as long as nothing of it was read', async () => {
    await bench.write('a.ndjson', '');
    await follow('a.ndjson');
    const page = await whileWaiting(() => rename(bench.path('new'), bench.path('a.ndjson')));
    expect(idsOf(page)).toEqual([1, 2, 3]);
  });
});

describe('close', () => {
  test('ends a next that waits', async () => {
    await bench.write('a.ndjson', '');
    await follow('a.ndjson');
    const waiting = sourceError(reader.next(10));
    await clock.nextSleep();
    await reader.close();
    expect(await waiting).toMatchObject({ code: 'SOURCE_UNAVAILABLE', message: expect.stringContaining('closed') });
    expect(clock.sleepers).toEqual([]);
  });
});
