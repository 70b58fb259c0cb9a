import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where Debian installs it. */
const program = '/usr/bin/chromium';

/** Why no page can be loaded here. Undefined: one can. */
export const missingChromium = existsSync(program)
  ? undefined
  : `There is no ${program}: apt-get install --no-install-recommends chromium`;

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The elements of a page once its programs have nothing more to do, as text. Each time in a browser that knows nothing. Throws without Chromium. */
export async function loadPage(url: string): Promise<string> {
  if (missingChromium !== undefined) throw new Error(missingChromium);
  const profile = mkdtempSync(join(tmpdir(), 'aftercommit-chromium-'));
  try {
    const own = [`--user-data-dir=${profile}`, '--virtual-time-budget=60000', '--dump-dom', url];
    const { stdout } = await promisify(execFile)(program, [...flags, ...own], { timeout: 60_000, maxBuffer: 2 ** 26 });
    return stdout;
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}
