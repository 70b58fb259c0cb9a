import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ManualClock } from '@aftercommit/testkit';
import { expect, test } from 'vitest';
import { importPlugin } from './import-plugin.js';

test('a module that awaits for ever at its top is given up after ten seconds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aftercommit-cli-'));
  const file = join(folder, 'endless.mjs');
  writeFileSync(file, 'await new Promise(() => undefined);');
  const clock = new ManualClock();
  const imported = importPlugin(pathToFileURL(file), './endless.mjs', clock);
  await clock.nextSleep();
  await clock.advance(10_000);
  expect(await imported).toEqual({
    code: 'PLUGIN_TIMEOUT',
    message: expect.stringContaining('./endless.mjs was still loading after 10 seconds'),
  });
  rmSync(folder, { recursive: true });
});
