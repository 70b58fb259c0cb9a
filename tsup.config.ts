import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

type Manifest = { exports?: Record<string, { 'aftercommit-source'?: string }> };

/** Every entry that the package's own package.json promises. */
const { exports = {} }: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const entry = Object.values(exports).flatMap((target) => target['aftercommit-source'] ?? []);

/** One build for every package: ESM for Node and bundlers, types are made by tsc. Run from a package's folder. */
export default defineConfig({
  entry,
  format: ['esm'],
  target: 'node20',
  platform: 'neutral',
  sourcemap: true,
  esbuildOptions(options) {
    // The sources are packed beside, and maps point there.
    options.sourcesContent = false;
  },
  clean: true,
  external: [/^node:/],
  // `node:` stays in import names, so that bundlers for browsers fail loudly instead of guessing.
  removeNodeProtocol: false,
});
