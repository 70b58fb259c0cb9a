/**
 * Packs every published package as it would be published, and checks the tarballs: what their package.json promises is in
 * them (publint), types and code resolve for every kind of consumer (attw), no tests or databases are in them, and the
 * example of README.md compiles and runs on them. Run `pnpm build` first.
 */
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = fileURLToPath(new URL('..', import.meta.url));
const limitBytes = 300_000;
/** The command has all that it stands on in one file. */
const programLimitBytes = 1_000_000;

/**
 * Not problems of ours: the packages are ESM only, and `require()` of ESM works on every Node we support; the resolution of
 * Node 10 knows no `exports`, and TypeScript has dropped it.
 */
const isAccepted = ({ kind, resolutionKind }) => kind === 'CJSResolvesToESM' || resolutionKind === 'node10';

const folders = ['packages', 'plugins'].flatMap((parent) =>
  readdirSync(join(root, parent)).map((name) => join(root, parent, name)),
);
const target = mkdtempSync(join(tmpdir(), 'aftercommit-pack-'));
const problems = [];
try {
  for (const folder of folders) problems.push(...(await check(folder)));
  problems.push(...useUnpacked());
} finally {
  rmSync(target, { recursive: true });
}
for (const problem of problems) console.error(problem);
console.log(`${folders.length} packages packed and checked, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function check(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const tarball = readFileSync(pack(folder));
  const found = [];
  const say = (problem) => found.push(`${manifest.name}: ${problem}`);

  const lint = await publint({ pack: { tarball: toArrayBuffer(tarball) }, strict: true });
  for (const message of lint.messages) say(formatMessage(message, lint.pkg));

  const content = createPackageFromTarballData(new Uint8Array(tarball));
  const { problems: typeProblems = [], types } = await checkPackage(content);
  // A command has nothing to import.
  if (types === false && manifest.bin === undefined) say('it has no types');
  for (const problem of typeProblems.filter((one) => !isAccepted(one))) say(JSON.stringify(problem));
  const files = content.listFiles();
  for (const file of files.filter((name) => /\.test\.|\.bench\.|tsbuildinfo|\.db$/.test(name)))
    say(`${file} is packed`);
  const library = ['dist/index.js', 'dist/index.d.ts'];
  if (manifest.name === '@aftercommit/testkit') library.push('src/receiver-process.mjs');
  const program = ['dist/aftercommit.js', 'dist/THIRD-PARTY-LICENSES.txt'];
  for (const needed of ['README.md', 'LICENSE', ...(manifest.bin === undefined ? library : program)]) {
    if (!files.some((file) => file.endsWith(`/${needed}`))) say(`${needed} is missing`);
  }
  const limit = manifest.bin === undefined ? limitBytes : programLimitBytes;
  if (tarball.byteLength > limit) say(`${tarball.byteLength} bytes packed, more than ${limit}`);
  return found;
}

/**
 * What a stranger does: the tarballs unpacked in an empty project, with nothing of this repository but the third-party
 * packages, and the example of README.md run on them, types included.
 */
function useUnpacked() {
  const modules = join(target, 'stranger', 'node_modules');
  for (const file of readdirSync(target).filter((name) => name.endsWith('.tgz'))) {
    const name = file.replace(/^aftercommit-(.*)-\d+\.\d+\.\d+\.tgz$/, '@aftercommit/$1');
    mkdirSync(join(modules, name), { recursive: true });
    const { status } = spawnSync('tar', [
      '-xzf',
      join(target, file),
      '-C',
      join(modules, name),
      '--strip-components=1',
    ]);
    if (status !== 0) return [`${file} cannot be unpacked`];
  }
  const thirdParty = folders.flatMap((folder) => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const names = Object.keys(dependencies).filter((name) => !name.startsWith('@aftercommit/'));
    return names.map((name) => [name, realpathSync(join(folder, 'node_modules', name))]);
  });
  for (const type of ['node', 'better-sqlite3', 'pg']) {
    thirdParty.push([`@types/${type}`, realpathSync(join(root, 'node_modules', '@types', type))]);
  }
  for (const [name, path] of new Map(thirdParty)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(path, join(modules, name), 'junction');
  }

  const project = join(target, 'stranger');
  const [, example] = readFileSync(join(root, 'README.md'), 'utf8').match(/```ts\n([\s\S]*?)```/);
  const receiver = "import { startReceiver } from '@aftercommit/testkit';\nconst receiver = await startReceiver();\n";
  const before = `${receiver}process.env['HOOK'] = \`\${receiver.url}/hook\`;\nawait import('./example.mjs');\n`;
  const after = "const [{ body }] = await receiver.waitFor(1, '/hook');\nconsole.log(body);\nawait receiver.stop();\n";
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(project, 'example.mts'), example);
  writeFileSync(join(project, 'run.mjs'), before + after);
  const compiler = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--types', 'node', 'example.mts'];
  const types = run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), ...compiler], project);
  if (types.status !== 0) return [`the example of README.md does not compile: ${types.stdout}${types.stderr}`];
  const { status, stdout, stderr } = run(process.execPath, ['run.mjs'], project);
  if (status !== 0 || stdout !== '{"text": "1 new orders"}\n') {
    return [`the example of README.md does not run on the tarballs: ${stdout}${stderr}`];
  }
  return runSpec(project, join(modules, '@aftercommit', 'cli', 'bin', 'aftercommit.js'));
}

/** What somebody does who installed the command: a spec from documents to a table. */
function runSpec(project, program) {
  const spec = {
    collections: { 'acme/orders': { key: ['/id'], source: { ndjson: 'orders.ndjson' } } },
    materializations: {
      'acme/views/orders': {
        endpoint: { sqlite: { path: 'warehouse.db' } },
        bindings: [{ source: 'acme/orders', resource: { table: 'orders' } }],
      },
    },
  };
  writeFileSync(join(project, 'spec.json'), JSON.stringify(spec));
  writeFileSync(join(project, 'orders.ndjson'), '{"id":1}\n{"id":2}\n');
  const { status, stdout, stderr } = run(process.execPath, [program, 'run', 'spec.json'], project);
  if (status === 0 && stdout.includes('done: 2 documents, 1 transaction')) return [];
  return [`aftercommit does not run from the tarballs: ${stdout}${stderr}`];
}

function run(program, args, cwd) {
  return spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 60_000 });
}

function pack(folder) {
  const manager = process.env['npm_execpath'];
  const command = manager === undefined || !/\.c?js$/.test(manager) ? [manager ?? 'pnpm'] : [process.execPath, manager];
  const [program, ...before] = command;
  const { status, stdout, stderr } = spawnSync(program, [...before, 'pack', '--pack-destination', target, '--json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`pnpm pack failed in ${folder}: ${stderr}${stdout}`);
  const packed = JSON.parse(stdout);
  return (Array.isArray(packed) ? packed[0] : packed).filename;
}

function toArrayBuffer(buffer) {
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
}
