import { readFile } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import { ageKeySource } from './age-key-source.js';
import type { KeySource } from './key-source.js';
import { SecretsError } from './secrets-error.js';

/** Where age identities are looked for. */
export type AgeKeySurroundings = {
  /** The environment: `process.env`. */
  env: Readonly<Record<string, string | undefined>>;
  /** The home folder: `os.homedir()`. */
  home: string;
  /** `process.platform`. */
  platform: string;
};

const notRead = ['SOPS_AGE_KEY_CMD', 'SOPS_AGE_SSH_PRIVATE_KEY_FILE'];

/**
 * The age identities of this machine, where sops looks for them: in `SOPS_AGE_KEY`, in the file that `SOPS_AGE_KEY_FILE`
 * names, and in `sops/age/keys.txt` of the user's configuration folder (`XDG_CONFIG_HOME`, `~/.config`, on macOS
 * `~/Library/Application Support`, on Windows `AppData`). All that are there are tried. A place that cannot be used is a source
 * that rejects with what is wrong there, so that one bad file does not hide a good one.
 */
export async function findAgeKeys({ env, home, platform }: AgeKeySurroundings): Promise<KeySource[]> {
  const sources: KeySource[] = [];
  const { SOPS_AGE_KEY: inline, SOPS_AGE_KEY_FILE: file } = env;
  if (inline) sources.push(usable('SOPS_AGE_KEY', () => ageKeySource(inline, 'SOPS_AGE_KEY')));
  if (file) sources.push(await sourceOf(file, `${file} (SOPS_AGE_KEY_FILE)`));
  const usual = usualKeyFile(env, home, platform);
  if (usual !== undefined) sources.push(await sourceOf(usual, usual));
  for (const name of notRead.filter((one) => env[one])) {
    sources.push(unusable(name, `${name} is not looked at here: use SOPS_AGE_KEY_FILE`));
  }
  return sources;
}

function usualKeyFile(env: AgeKeySurroundings['env'], home: string, platform: string): string | undefined {
  const { join } = platform === 'win32' ? win32 : posix;
  const folder = configurationFolder(env, home, platform, join);
  return folder === undefined ? undefined : join(folder, 'sops', 'age', 'keys.txt');
}

function configurationFolder(
  env: AgeKeySurroundings['env'],
  home: string,
  platform: string,
  join: (...parts: string[]) => string,
): string | undefined {
  const { AppData, APPDATA = AppData, XDG_CONFIG_HOME: configured } = env;
  if (platform === 'win32') return APPDATA || undefined;
  if (configured) return posix.isAbsolute(configured) || platform === 'darwin' ? configured : undefined;
  if (home === '') return undefined;
  return platform === 'darwin' ? join(home, 'Library', 'Application Support') : join(home, '.config');
}

async function sourceOf(file: string, description: string): Promise<KeySource> {
  try {
    const text = await readFile(file, 'utf8');
    return usable(description, () => ageKeySource(text, description));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return unusable(description, code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`);
  }
}

function usable(description: string, make: () => KeySource): KeySource {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return unusable(description, error.message);
  }
}

function unusable(description: string, problem: string): KeySource {
  return { description, unwrap: () => Promise.reject(new SecretsError('SECRETS_KEY_INVALID', problem)) };
}
