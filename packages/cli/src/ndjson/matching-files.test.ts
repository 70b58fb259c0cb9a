import { chmod, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NdjsonBench, readAll, sourceError } from '../../test/ndjson-bench.js';
import { matchingFiles } from './matching-files.js';

let bench: NdjsonBench;
beforeEach(async () => {
  bench = await NdjsonBench.create();
});
afterEach(() => bench.remove());

const paths = async (...patterns: string[]) =>
  (await matchingFiles(patterns, bench.directory)).files.map(({ path }) => path);

describe('a file that several paths lead to', () => {
  beforeEach(async () => {
    await bench.write('data/b.ndjson', '{"id":1}\n');
    await symlink('b.ndjson', bench.path('data/c.ndjson'));
  });

  test('is one file, called by the first of them', async () => {
    await symlink('b.ndjson', bench.path('data/a.ndjson'));
    expect(await paths('data/*.ndjson')).toEqual(['data/a.ndjson']);
    expect((await readAll(bench.source(['data/*.ndjson']))).documents).toHaveLength(1);
  });

  test('is called as a pattern before the others names it', async () => {
    expect(await paths('data/c.ndjson', 'data/*.ndjson')).toEqual(['data/c.ndjson']);
    expect(await paths('data/c.ndjson', 'data/b.ndjson')).toEqual(['data/c.ndjson']);
  });

  test('keeps the path it was read by when another one comes that sorts before', async () => {
    const { position } = await readAll(bench.source(['data/*.ndjson']));
    await symlink('b.ndjson', bench.path('data/a.ndjson'));
    await bench.append('data/b.ndjson', '{"id":2}\n');
    const next = await readAll(bench.source(['data/*.ndjson']), position);
    expect(next.places).toEqual(['data/b.ndjson:2']);
    expect(next.position).toMatchObject({ files: { 'data/b.ndjson': { lines: 2 } } });
  });

  test('is noticed when it was another file by that path before', async () => {
    await rm(bench.path('data/c.ndjson'));
    await bench.write('data/c.ndjson', '{"id":3}\n');
    const { position, documents } = await readAll(bench.source(['data/*.ndjson']));
    expect(documents).toHaveLength(2);
    await rm(bench.path('data/c.ndjson'));
    await symlink('b.ndjson', bench.path('data/c.ndjson'));
    expect(await sourceError(readAll(bench.source(['data/*.ndjson']), position))).toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining('data/c.ndjson was replaced'),
    });
  });
});

describe('links to folders', () => {
  test('are followed, and not in circles', async () => {
    await bench.write('data/a.ndjson', '{}\n');
    await bench.write('data/sub/b.ndjson', '{}\n');
    await bench.write('elsewhere/deep/c.ndjson', '{}\n');
    await symlink('..', bench.path('data/sub/loop'));
    await symlink('../elsewhere', bench.path('data/linked'));
    await symlink('../data', bench.path('elsewhere/back'));
    expect(await paths('data/**/*.ndjson')).toEqual([
      'data/a.ndjson',
      'data/linked/deep/c.ndjson',
      'data/sub/b.ndjson',
    ]);
  });

  test('are followed into one whose path begins as that of another', async () => {
    await bench.write('real/a.ndjson', '{}\n');
    await bench.write('real2/b.ndjson', '{}\n');
    await mkdir(bench.path('data'));
    await symlink('../real', bench.path('data/one'));
    await symlink('../real2', bench.path('real/two'));
    expect(await paths('data/**/*.ndjson')).toEqual(['data/one/a.ndjson', 'data/one/two/b.ndjson']);
  });

  test('that lead nowhere are none', async () => {
    await bench.write('a.ndjson', '{}\n');
    await symlink('nowhere', bench.path('b.ndjson'));
    expect(await paths('*.ndjson')).toEqual(['a.ndjson']);
  });

  test('that cannot be followed are an error where they are asked for', async () => {
    await bench.write('a.ndjson', '{}\n');
    await symlink('loop.ndjson', bench.path('loop.ndjson'));
    expect(await paths('a*.ndjson')).toEqual(['a.ndjson']);
    const error = await sourceError(paths('*.ndjson'));
    expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', cause: { code: 'ELOOP' } });
    expect(error.message).toContain('loop.ndjson cannot be read: ELOOP');
  });
});

describe('a folder that cannot be read', () => {
  beforeEach(async () => {
    await bench.write('data/a.ndjson', '{}\n');
    await bench.write('data/closed/b.ndjson', '{}\n');
  });

  const unlessClosed = async (folder: string) => {
    if (folder.split(sep).join('/').includes('/closed')) {
      throw Object.assign(new Error(`EACCES: permission denied, scandir '${folder}'`), { code: 'EACCES' });
    }
    return readdir(folder, { withFileTypes: true });
  };

  test('is an error that names it when the glob covers it', async () => {
    const error = await sourceError(matchingFiles(['data/**/*.ndjson'], bench.directory, { listFolder: unlessClosed }));
    expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', cause: { code: 'EACCES' } });
    expect(error.message).toMatch(/^data\/closed cannot be read: EACCES: permission denied\. /);
    const absolute = matchingFiles([bench.path('data/*/b.ndjson')], bench.directory, { listFolder: unlessClosed });
    expect((await sourceError(absolute)).message).toContain(`${bench.path('data/closed')} cannot be read`);
  });

  test('does not matter to a glob that does not cover it', async () => {
    const { files } = await matchingFiles(['data/*.ndjson'], bench.directory, { listFolder: unlessClosed });
    expect(files).toEqual([{ path: 'data/a.ndjson', pattern: 'data/*.ndjson' }]);
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('is found as the system tells it', async () => {
    await chmod(bench.path('data/closed'), 0);
    expect((await sourceError(paths('data/**/*.ndjson'))).message).toContain('data/closed cannot be read: EACCES');
    await chmod(bench.path('data/closed'), 0o700);
  });
});
