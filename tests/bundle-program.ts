import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

const made = new Set<string>();
process.once('exit', () => {
  for (const file of made) rmSync(file, { force: true });
});

/**
 * Bundles a program from the sources into one file of plain JavaScript, so that a process that is started hundreds of times
 * starts fast. Returns the file, which is removed when this process ends. It lies within the repository, because native
 * modules are resolved from there.
 *
 * @param plugins Change sources on their way into the bundle. Undefined: they are as they are.
 */
export async function bundleProgram(entry: string, name: string, plugins: Plugin[] = []): Promise<string> {
  const outfile = join(root, '.checks', 'programs', `${name}-${process.pid}.mjs`);
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['aftercommit-source'],
    // A native module stays where it is; what else is bundled may still call require.
    external: ['better-sqlite3'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    sourcemap: 'inline',
    logLevel: 'error',
    plugins,
  });
  made.add(outfile);
  return outfile;
}
