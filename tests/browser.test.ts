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
      import {
        annotated, DurationSchema, parseDuration, restoreTriggers, stripTriggers, uniteWindows,
      } from '@aftercommit/models';
      import { compileTemplate, renderPayload, windowShape } from '@aftercommit/templating';

      /** What a form editor does around sealing: strip, have it sealed, and put back by name. */
      export function edit(text: string): string {
        const schemaOf = () => ({ type: 'object', properties: { url: { type: 'string' } } });
        const triggers = JSON.parse(text);
        const stripped = stripTriggers(triggers, schemaOf);
        return JSON.stringify([stripped, restoreTriggers(stripped, triggers, schemaOf), typeof annotated]);
      }

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
    const context = {
      TextEncoder,
      first: JSON.stringify(windowOf('b', 2)),
      second: JSON.stringify(windowOf('a"', 3)),
      triggers: JSON.stringify(triggers),
    };

    const result: unknown = runInNewContext(
      `${code}\nJSON.stringify([[typeof process, typeof Buffer, typeof require], JSON.parse(aftercommit.run(first, second)), JSON.parse(aftercommit.edit(triggers))])`,
      context,
    );

    expect(JSON.parse(String(result))).toEqual([
      ['undefined', 'undefined', 'undefined'],
      { milliseconds: 5_400_000, pattern: 'string', payload: '{"names":"a\\", b","docs":5}' },
      [{ config: { dbt: { url: 'u', payloadTemplate: '' } } }, triggers, 'function'],
    ]);
  });

  it('fails to bundle what imports a module of Node', async () => {
    await expect(bundle(`export { readFileSync } from 'node:fs';`)).rejects.toThrow('node:fs');
  });
});

const triggers = { config: { dbt: { url: 'u', payloadTemplate: '{}', timeout: '3s' } } };

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
