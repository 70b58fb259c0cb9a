import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundles a module for browsers; what only Node has makes it fail. */
async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    conditions: ['aftercommit-source'],
    format: 'iife',
    globalName: 'aftercommit',
    logLevel: 'silent',
  });
  return outputFiles.map(({ text }) => text).join('\n');
}

describe('in a browser', () => {
  it('bundles models and templating, and runs them without anything of Node', { timeout: 60_000 }, async () => {
    const code = await bundle(`
      import { DurationSchema, parseDuration, uniteWindows } from '@aftercommit/models';
      import { compileTemplate, renderPayload, windowShape } from '@aftercommit/templating';

      export function run(first: string, second: string): string {
        const united = uniteWindows(JSON.parse(first), JSON.parse(second));
        const template = compileTemplate('{"names":"{{collection_names}}","docs":{{docs_total}}}', windowShape);
        return JSON.stringify({
          milliseconds: parseDuration('1h 30m'),
          pattern: typeof DurationSchema.pattern,
          payload: renderPayload(template, united),
        });
      }
    `);
    // Of all that browsers have beside the language, only this is used, by typebox.
    const context = { TextEncoder, first: JSON.stringify(windowOf('b', 2)), second: JSON.stringify(windowOf('a"', 3)) };

    const result: unknown = runInNewContext(
      `${code}\nJSON.stringify([[typeof process, typeof Buffer, typeof require], JSON.parse(aftercommit.run(first, second))])`,
      context,
    );

    expect(JSON.parse(String(result))).toEqual([
      ['undefined', 'undefined', 'undefined'],
      { milliseconds: 5_400_000, pattern: 'string', payload: '{"names":"a\\", b","docs":5}' },
    ]);
  });

  it('fails to bundle what imports a module of Node', async () => {
    await expect(bundle(`export { readFileSync } from 'node:fs';`)).rejects.toThrow('node:fs');
  });
});

function windowOf(collection: string, docs: number): object {
  return {
    materialization_name: 'acmeCo/orders',
    connector_image: '',
    collection_names: [collection],
    resource_paths: [[collection]],
    flow_published_at_min: '',
    flow_published_at_max: '',
    run_id: '2024-01-01T00:00:00.000000Z',
    docs_total: docs,
    bytes_total: docs,
  };
}
