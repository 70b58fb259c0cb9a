import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PageRun } from './page-run.js';
import { readPage } from './read-page.js';

let project: string;
let runs: PageRun[];

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'page-run-'));
  runs = [];
});

afterEach(() => {
  for (const run of runs) run.end();
  rmSync(project, { recursive: true });
  vi.unstubAllEnvs();
});

const fence = (language: string, code: string) => `\`\`\`${language}\n${code}\n\`\`\`\n`;

/** Follows a page to its end, or to what is not as it says. */
async function follow(...parts: string[]): Promise<PageRun> {
  const { blocks } = readPage('docs/page.md', parts.join('\n'));
  const receiver = { host: 'localhost:7654', stop: () => Promise.resolve() };
  const surroundings = {
    project: join(project, String(runs.length)),
    path: process.env['PATH'] ?? '',
    receiver,
    postgres: undefined,
    nats: undefined,
  };
  const run = await PageRun.begin('docs/page.md', blocks, { ...surroundings, stop: () => Promise.resolve() });
  runs.push(run);
  for (const block of blocks) await run.follow(block);
  return run;
}

test('blocks follow each other in one folder: files, commands, modules, and what was exported', async () => {
  await follow(
    '`notes/a.txt`:\n',
    fence('', 'alpha'),
    fence('sh', 'cat notes/a.txt; export GREETING="hello\nworld"'),
    fence('text', 'alpha'),
    fence('ts', 'const text: string = process.env.GREETING!; console.log(text); await 1; console.error(2);'),
    fence('text', 'hello\nworld\n2'),
    '`notes/a.txt`:\n',
    fence('', 'beta'),
    fence('sh', 'cat notes/a.txt; echo "$GREETING"'),
    fence('text', 'beta\nhello\nworld'),
  );
});

test('standard output and standard error are shown in the order in which they were printed', async () => {
  await follow(fence('sh', 'echo 1; echo 2 >&2; bash -c "echo 3; echo 4 >&2"; echo 5'), fence('text', '1\n2\n3\n4\n5'));
});

test('another output than the page shows fails', async () => {
  await expect(follow(fence('sh', 'echo one; echo two'), fence('text', 'one\nthree'))).rejects.toThrow(
    'docs/page.md:1: the page shows\n  three\nand it printed\n  two\nAll that it printed:\none\ntwo\n',
  );
  await expect(follow(fence('ts', 'console.log(1)'), fence('text', '2'))).rejects.toThrow('the page shows\n  2\n');
});

test('another exit code than the page says fails', async () => {
  await follow(
    '<!-- exits with 3 -->',
    fence('sh', 'exit 3'),
    '\n<!-- exits with 4 -->',
    fence('ts', 'process.exit(4)'),
  );
  await expect(follow(fence('sh', 'exit 3'))).rejects.toThrow('docs/page.md:1: ended with exit code 3, not 0');
  await expect(follow('<!-- exits with 3 -->', fence('sh', 'true'))).rejects.toThrow('ended with exit code 0, not 3');
  await expect(follow(fence('sh', 'false\ntrue'))).rejects.toThrow('ended with exit code 1');
  await expect(follow(fence('sh', 'false | true'))).rejects.toThrow('ended with exit code 1');
  await expect(follow(fence('sh', 'echo $NOBODY_SET_THIS'))).rejects.toThrow('NOBODY_SET_THIS: unbound variable');
  await expect(follow(fence('sh', 'kill -9 $$'))).rejects.toThrow('was killed');
});

test('a module that throws fails, and its line is that of the block', async () => {
  await expect(follow(fence('ts', '\ntype Never = never;\nthrow new Error("no");'))).rejects.toThrow('block-1.ts:3');
});

test('a block that is not run is not run', async () => {
  await follow('<!-- not run: service: it would fail -->', fence('sh', 'false'));
});

test('a block whose form is wrong is not passed over', async () => {
  await expect(follow(fence('ini', '[Unit]'))).rejects.toThrow('docs/page.md:1: nobody runs ini');
});

test('the receiver of pages is the one that is there, and shown as pages call it', async () => {
  await follow(
    '`hook.txt`:\n',
    fence('', 'http://localhost:8080/hook'),
    fence('sh', 'grep -o 7654 hook.txt; cat hook.txt; echo "$HOOK"'),
    fence('text', '7654\nhttp://localhost:8080/hook\nhttp://localhost:8080/hook'),
  );
});

test('what a block leaves in the background is there for the next one, and ends with the page', async () => {
  const run = await follow(fence('sh', 'sleep 600 & echo $! > pid'), fence('sh', 'kill -0 "$(cat pid)"'));
  const pid = readFileSync(join(project, '0', 'pages', 'docs_page_md', 'pid'), 'utf8').trim();
  run.end();
  // A process that was killed and not yet taken note of is a zombie: it runs no more.
  const isAlive = () => readdirSync('/proc').includes(pid) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  await expect.poll(isAlive).toBe(false);
});

test('pages see nothing of this process, and have a home of their own', async () => {
  vi.stubEnv('OF_THE_TESTS', 'yes');
  await follow(
    fence('sh', `printenv OF_THE_TESTS || echo unset; test "$HOME" != '${homedir()}'`),
    fence('text', 'unset'),
  );
});
