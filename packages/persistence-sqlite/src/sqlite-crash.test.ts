import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WriteBatch } from '@aftercommit/persistence';
import { build } from 'tsup';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SqliteStore } from './sqlite-store.js';

/** What another process does with the file `path`, as `mode` says; it prints one line per acknowledged step. */
const program = `
import { writeSync } from 'node:fs';
import { SqliteStore, WriteBatch } from './sources.js';

const [path = '', mode] = process.argv.slice(2);
const store = SqliteStore.open(path);
const session = await store.open('task', 'child');
if (mode === 'write') {
  for (let count = 1; ; count += 1) {
    await session.write(new WriteBatch().put('left', count).put('right', count));
    writeSync(1, count + '\\n');
  }
}
if (mode === 'write-together') {
  const write = async (task) => {
    const own = await store.open(task, 'child');
    for (let count = 1; ; count += 1) {
      await own.write(new WriteBatch().put('left', count).put('right', count));
      writeSync(1, task + ' ' + count + '\\n');
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, index) => write('task-' + index)));
}
if (mode === 'write-1-MiB') {
  const error = await session.write(new WriteBatch().put('left', 'x'.repeat(2 ** 20)).put('right', 1)).catch((e) => e);
  const later = await session.get('left').catch((e) => e);
  writeSync(1, JSON.stringify([error?.code, error?.applied, session.lost.reason === error, later?.code]) + '\\n');
}
`;

const folder = mkdtempSync(join(tmpdir(), 'aftercommit-crash-'));
const packageFolder = fileURLToPath(new URL('..', import.meta.url));

beforeAll(async () => {
  const sources = JSON.stringify(join(packageFolder, 'src/index.ts'));
  const contract = JSON.stringify(join(packageFolder, '../persistence/src/index.ts'));
  writeFileSync(join(folder, 'sources.ts'), `export * from ${sources};\nexport { WriteBatch } from ${contract};\n`);
  writeFileSync(join(folder, 'program.ts'), program);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(packageFolder, 'node_modules'), join(folder, 'node_modules'));
  await build({
    config: false,
    silent: true,
    entry: [join(folder, 'program.ts')],
    outDir: folder,
    format: 'esm',
    target: 'node20',
    noExternal: [/^@aftercommit\//],
    external: ['better-sqlite3'],
    esbuildOptions: (options) => {
      options.conditions = ['aftercommit-source'];
    },
  });
}, 30_000);

afterAll(() => rmSync(folder, { recursive: true }));

test('keeps every acknowledged write of a process that is killed, and no half of one', async () => {
  const path = join(folder, 'killed.db');
  for (const enough of [1, 20, 50]) {
    const child = spawn(process.execPath, [join(folder, 'program.js'), path, 'write']);
    const acknowledged = Number((await linesUntilKilled(child, enough)).at(-1));
    const store = SqliteStore.open(path);
    const [[, left] = [], [, right] = []] = await store.read('task');
    expect(left).toBe(right);
    // The write after the last acknowledged one may be there: the kill can come between its commit and its line.
    expect([acknowledged, acknowledged + 1]).toContain(left);
    await store.close();
  }
}, 30_000);

test('keeps every acknowledged write of sessions that write together when their process is killed', async () => {
  const path = join(folder, 'killed-together.db');
  for (const enough of [1, 50, 203]) {
    const child = spawn(process.execPath, [join(folder, 'program.js'), path, 'write-together']);
    const lines = await linesUntilKilled(child, enough);
    const acknowledged = new Map(lines.map((line) => line.split(' ') as [string, string]));
    const store = SqliteStore.open(path);
    for (const [task, count] of acknowledged) {
      const [[, left] = [], [, right] = []] = await store.read(task);
      expect(left).toBe(right);
      expect([Number(count), Number(count) + 1]).toContain(left);
    }
    await store.close();
  }
}, 30_000);

test('fences the session of one process when another one opens the task', async () => {
  const path = join(folder, 'two-processes.db');
  const store = SqliteStore.open(path);
  const zombie = await store.open('task', 'parent');
  await zombie.write(new WriteBatch().put('left', 'parent'));
  const child = spawn(process.execPath, [join(folder, 'program.js'), path, 'open']);
  expect(await once(child, 'exit')).toEqual([0, null]);
  await expect(zombie.write(new WriteBatch().put('left', 'zombie'))).rejects.toMatchObject({ code: 'STORE_FENCED' });
  const next = await store.open('task', 'parent again');
  expect(await next.get('left')).toBe('parent');
  await store.close();
}, 30_000);

test('lets two processes write side by side, each waiting for the other', async () => {
  const path = join(folder, 'side-by-side.db');
  const store = SqliteStore.open(path);
  const session = await store.open('parent', 'parent');
  const child = spawn(process.execPath, [join(folder, 'program.js'), path, 'write']);
  await once(child.stdout, 'data');
  for (let count = 1; count <= 100; count += 1) await session.write(new WriteBatch().put('count', count));
  expect(await session.get('count')).toBe(100);
  // A write that lost the race would have ended the child before this.
  await linesUntilKilled(child, 1);
  await store.close();
}, 30_000);

test.skipIf(process.platform === 'win32')(
  'ends the session when the medium fails inside of a commit: the outcome is unknown, all or nothing',
  async () => {
    const path = join(folder, 'full.db');
    // A limit on the size of files lets the tables be created and fails the write of the log while committing.
    const command = 'ulimit -f 512 && exec "$0" "$@"';
    const child = spawn('bash', ['-c', command, process.execPath, join(folder, 'program.js'), path, 'write-1-MiB']);
    const [line] = await Promise.all([once(createInterface(child.stdout), 'line'), once(child, 'exit')]);
    expect(JSON.parse(String(line))).toEqual(['STORE_OUTCOME_UNKNOWN', 'unknown', true, 'STORE_CLOSED']);
    const store = SqliteStore.open(path);
    const session = await store.open('task', 'parent');
    expect([0, 2]).toContain((await session.list('')).length);
    await session.write(new WriteBatch().put('left', 1).put('right', 1));
    await store.close();
  },
  30_000,
);

/** Kills the process after so many lines, and gives back all that it printed. */
async function linesUntilKilled(child: ChildProcess, enough: number): Promise<string[]> {
  const exit = once(child, 'exit');
  const lines: string[] = [];
  if (child.stdout === null) throw new Error('the child has no output');
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === enough) child.kill('SIGKILL');
  }
  expect(await exit).toEqual([null, 'SIGKILL']);
  return lines;
}
