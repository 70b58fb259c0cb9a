import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'tsup';

/** What has to stay a package of its own: it brings a binary. */
const external = 'better-sqlite3';

/**
 * The command in one file, with all that it stands on: Node takes half a second to find and read the thousand modules that
 * these are otherwise. Names stay, and lines are short, so that a stack trace says something.
 */
export default defineConfig({
  entry: { aftercommit: 'src/process-program.ts' },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  clean: true,
  noExternal: [new RegExp(`^(?!${external}$|node:)`)],
  external: [external],
  removeNodeProtocol: false,
  // What is CommonJS in it asks for modules of Node.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  esbuildOptions(options) {
    options.minifyWhitespace = true;
    options.minifySyntax = true;
    options.lineLimit = 160;
    options.legalComments = 'none';
    // Our packages import what they share for nothing but its being there.
    options.logOverride = { 'ignored-bare-import': 'silent' };
  },
  esbuildPlugins: [
    {
      name: 'third-party-licenses',
      setup(build) {
        build.initialOptions.metafile = true;
        build.onEnd(({ metafile }) => {
          mkdirSync('dist', { recursive: true });
          writeFileSync('dist/THIRD-PARTY-LICENSES.txt', licensesOf(Object.keys(metafile?.inputs ?? {})));
        });
      },
    },
  ],
});

/** The licenses of the packages that files are of: their terms ask for it. */
function licensesOf(files: readonly string[]): string {
  const folders = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []);
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const license = licenseIn(folder);
    if (license === undefined) throw new Error(`${name} has no license in it`);
    return `${name} ${version}\n\n${license.trim()}\n`;
  });
  return `dist/aftercommit.js has these packages in it.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** A file of its own, or the end of the page that people read. */
function licenseIn(folder: string): string | undefined {
  const files = readdirSync(folder);
  const license = files.find((file) => /^licen[cs]e/i.test(file));
  if (license !== undefined) return readFileSync(join(folder, license), 'utf8');
  const page = files.find((file) => /^readme\.md$/i.test(file));
  const text = page === undefined ? '' : readFileSync(join(folder, page), 'utf8');
  return /^#+ licen[cs]e\s+([\s\S]*copyright[\s\S]*)$/im.exec(text)?.[1];
}
