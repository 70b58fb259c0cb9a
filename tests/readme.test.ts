import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { globSync } from 'tinyglobby';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aftercommit } from './aftercommit-run.js';
import { missingNats, type NatsServer, startNats } from './servers/nats-server.js';
import { NatsStreams } from './servers/nats-streams.js';
import { missingPostgres, type PostgresServer, startPostgres } from './servers/postgres-server.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = globSync(['*.md', '{packages,plugins,examples}/*/*.md', 'docs/*.md'], { cwd: root }).sort();

type Block = { page: string; line: number; language: string; code: string; reason: string | undefined };

/** Fenced blocks with their language, and the reason in the comment above one that is not run. */
function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8');
  const fences = text.matchAll(
    /(?:<!-- not run: (?<reason>[^\n]+?) -->\n+)?^```(?<language>\w*)\n(?<code>[\s\S]*?)^```$/gm,
  );
  return [...fences].map(({ index, groups = {} }) => ({
    page,
    line: text.slice(0, index).split('\n').length,
    language: groups['language'] ?? '',
    code: groups['code'] ?? '',
    reason: groups['reason'],
  }));
}

const blocks = pages.flatMap(blocksOf);
const isCode = ({ language }: Block): boolean => ['ts', 'js', 'sh', 'json'].includes(language);
const isRun = ({ language, reason }: Block): boolean =>
  reason === undefined && (language === 'ts' || language === 'js');

const isCommand = (word: string): boolean => ['', 'npm', 'install', '-D', '--save-dev', '--global'].includes(word);
const isInstallation = ({ language, code }: Block): boolean =>
  language === 'sh' &&
  code
    .trim()
    .split('\n')
    .every((line) => line.startsWith('npm install '));
/** A package that is installed: `better-sqlite3@12` is version 12 of it, of others it is the newest. */
type Wanted = { name: string; version: string | undefined };
const wantedBy = ({ code }: Block): Wanted[] =>
  code
    .replaceAll(/#.*$/gm, '')
    .split(/\s+/)
    .filter((word) => !isCommand(word))
    .map((word) => {
      const [, name = '', version] = /^(.[^@]*)(?:@(.+))?$/.exec(word) ?? [];
      return { name, version };
    });
const isChecked = (block: Block): boolean => block.language === 'json' || isInstallation(block);

/** What a block asks its surroundings for, by the variable that has the server's URL, and why there may be none here. */
const servers = { DATABASE_URL: missingPostgres, NATS_URL: missingNats };
type ServerVariable = keyof typeof servers;
const neededBy = ({ code }: Block): ServerVariable[] =>
  Object.keys(servers).filter((name): name is ServerVariable => code.includes(name));

let receiver: Receiver;
let postgres: PostgresServer | undefined;
let nats: NatsServer | undefined;
const modules = join(root, '.checks', 'readme');

beforeAll(async () => {
  receiver = await startReceiver();
  const needed = blocks.filter(isRun).flatMap(neededBy);
  if (needed.includes('DATABASE_URL') && missingPostgres === undefined) postgres = await startPostgres();
  if (needed.includes('NATS_URL') && missingNats === undefined) nats = await startNatsWithOrders();
  mkdirSync(modules, { recursive: true });
});

afterAll(async () => {
  await receiver.stop();
  await postgres?.stop();
  await nats?.stop();
  rmSync(modules, { recursive: true });
});

test('every page that people read is here', () => {
  expect(pages).toContain('README.md');
  for (const folder of globSync('{packages,plugins}/*', { cwd: root, onlyDirectories: true })) {
    expect(pages).toContain(`${folder}README.md`);
  }
});

test('a block of code that is not run says why', () => {
  const silent = blocks.filter((block) => isCode(block) && !isRun(block) && !isChecked(block) && !block.reason);
  expect(silent.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  for (const { page, line, reason } of blocks.filter((block) => block.reason !== undefined)) {
    console.log(`not run: ${page}:${line}: ${reason}`);
  }
});

test('what a page tells people to install exists', () => {
  const manifests = globSync(['package.json', '{packages,plugins,examples}/*/package.json'], { cwd: root }).map(
    (file): { name: string; dependencies?: object; devDependencies?: object } =>
      JSON.parse(readFileSync(join(root, file), 'utf8')),
  );
  const known = manifests.flatMap(({ name, dependencies = {}, devDependencies = {} }) => [
    [name, ''] as const,
    ...Object.entries<string>({ ...dependencies, ...devDependencies }),
  ]);
  // Where a page names a version, it is the one that we work with.
  const isKnown = ({ name, version }: Wanted): boolean =>
    known.some(
      ([one, range]) => one === name && (version === undefined || range.replace(/^[~^]/, '').startsWith(`${version}.`)),
    );
  const wanted = blocks.filter(isInstallation).flatMap(wantedBy);
  expect(wanted.length).toBeGreaterThan(8);
  expect(wanted.filter((one) => !isKnown(one))).toEqual([]);
});

test('what a package page imports, it tells people to install', () => {
  const missing = blocks
    .filter((block) => isRun(block) && block.page.split('/').length > 1)
    .flatMap((block) => {
      const installed = blocks.filter((one) => one.page === block.page && isInstallation(one)).flatMap(wantedBy);
      const words = new Set(installed.map(({ name }) => name));
      return importedPackages(block.code)
        .filter((name) => !words.has(name))
        .map((name) => `${block.page} imports ${name}`);
    });
  expect(missing).toEqual([]);
});

function importedPackages(code: string): string[] {
  const specifiers = [...code.matchAll(/from '([^'.][^']*)'/g)].map(([, specifier = '']) => specifier);
  const names = specifiers
    .filter((specifier) => !specifier.startsWith('node:'))
    .map((specifier) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(names)];
}

describe.concurrent('a block of TypeScript runs as it stands', () => {
  for (const block of blocks.filter(isRun)) {
    test(`${block.page}:${block.line}`, async ({ expect: expectHere, skip }) => {
      for (const missing of neededBy(block).flatMap((name) => servers[name] ?? [])) skip(missing);
      const file = join(modules, `${block.page.replaceAll(/\W/g, '-')}-${block.line}.ts`);
      writeFileSync(file, block.code);
      const { exitCode, output } = await runModule(file, await surroundings(block));
      expectHere(`${exitCode}${output}`, output).toMatch(/^0/);
    });
  }
});

test('a block of JSON parses', () => {
  for (const { code, page, line } of blocks.filter(({ language }) => language === 'json')) {
    expect(() => JSON.parse(code), `${page}:${line}`).not.toThrow();
  }
});

test('a spec is valid', async () => {
  const specs = blocks.filter(({ language, code }) => language === 'yaml' && /^materializations:/m.test(code));
  expect(specs.length).toBeGreaterThan(1);
  for (const { code, page, line } of specs) {
    const file = join(modules, `${page.replaceAll(/\W/g, '-')}-${line}.yaml`);
    writeFileSync(file, code);
    const { exitCode, stdout } = await aftercommit(['validate', file]);
    expect({ exitCode, stdout }, `${page}:${line}`).toMatchObject({ exitCode: 0 });
  }
});

/** HOOK names a receiver that accepts everything, DATABASE_URL an empty database, and NATS_URL a server with a stream. */
async function surroundings(block: Block): Promise<Record<string, string>> {
  const hook = { HOOK: `${receiver.url}/readme` };
  const needed = neededBy(block);
  const name = `${block.page}-${block.line}`.toLowerCase().replaceAll(/\W/g, '_');
  return {
    ...hook,
    ...(needed.includes('DATABASE_URL') && postgres && { DATABASE_URL: await postgres.createDatabase(name) }),
    ...(needed.includes('NATS_URL') && nats && { NATS_URL: nats.url }),
  };
}

async function startNatsWithOrders(): Promise<NatsServer> {
  const server = await startNats();
  await new NatsStreams({ servers: server.url }).create({ name: 'orders', subjects: ['orders.>'] });
  return server;
}

/** In a folder of its own. */
async function runModule(
  file: string,
  given: Record<string, string>,
): Promise<{ exitCode: number | null; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  // From the sources, without a build. tsx is resolved here: the working folder of the block has no packages.
  const flags = ['--import', import.meta.resolve('tsx'), '--conditions', 'aftercommit-source'];
  const child = spawn(process.execPath, [...flags, file], {
    cwd: folder,
    env: { ...process.env, ...given },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  rmSync(folder, { recursive: true });
  return { exitCode, output };
}
