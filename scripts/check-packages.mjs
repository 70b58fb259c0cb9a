/**
 * Packs every published package as it would be published, and checks the tarballs: what their package.json promises is in
 * them (publint), types and code resolve for every kind of consumer (attw), and no tests or databases are in them. Run
 * `pnpm build` first.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
