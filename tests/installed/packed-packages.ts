import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What its package.json says, as it would be published. */
export type Manifest = {
  name: string;
  version: string;
  bin?: object;
  /** Where its sources are, such as `packages/models`. */
  repository: { directory: string };
};

/** A public package as it would be published. */
export type PackedPackage = {
  manifest: Manifest;
  tarball: Uint8Array;
  /** As lockfiles write it. */
  integrity: string;
};

/** Packs every public package. They have to be built. */
export async function packPackages(target: string): Promise<PackedPackage[]> {
  const filters = ['--filter=./packages/*', '--filter=./plugins/*'];
  await run('npx', ['-y', 'pnpm@12', '--recursive', ...filters, 'pack', '--pack-destination', target], { cwd: root });
  return await Promise.all(readdirSync(target).map((file) => readPacked(join(target, file))));
}

async function readPacked(file: string): Promise<PackedPackage> {
  const { stdout } = await run('tar', ['-xzOf', file, 'package/package.json']);
  const tarball = readFileSync(file);
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  return { manifest: JSON.parse(stdout), tarball, integrity };
}
