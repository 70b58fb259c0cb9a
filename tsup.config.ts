import { defineConfig } from 'tsup';

/** One build for every package: ESM for Node and bundlers, types are made by tsc. Run from a package's folder. */
export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'neutral',
  sourcemap: true,
  clean: true,
  external: [/^node:/],
  // `node:` stays in import names, so that bundlers for browsers fail loudly instead of guessing.
  removeNodeProtocol: false,
});
