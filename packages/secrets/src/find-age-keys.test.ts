import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identity, vectors } from '../test/sample-kinds.js';
import { decryptDocument } from './decrypt-document.js';
import { type AgeKeySurroundings, findAgeKeys } from './find-age-keys.js';

const text = vectors[0]?.encrypted ?? '';
const folder = mkdtempSync(join(tmpdir(), 'age-keys-'));
const none = { env: {}, home: join(folder, 'nobody'), platform: 'linux' };
let stranger: string;

beforeAll(async () => {
  stranger = await generateX25519Identity();
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function outcome(surroundings: AgeKeySurroundings): Promise<string> {
  const keySources = await findAgeKeys(surroundings);
  return decryptDocument(text, { format: 'json', keySources }).then(
    () => 'opened',
    (error: unknown) => String(error),
  );
}

describe('findAgeKeys', () => {
  it('finds SOPS_AGE_KEY, with several identities', async () => {
    expect(await outcome({ ...none, env: { SOPS_AGE_KEY: `${stranger}\n${identity}` } })).toBe('opened');
  });

  it('finds the file of SOPS_AGE_KEY_FILE', async () => {
    expect(await outcome({ ...none, env: { SOPS_AGE_KEY_FILE: file('a/keys.txt', identity) } })).toBe('opened');
  });

  it.each([
    ['linux', 'home/.config/sops/age/keys.txt', {}],
    ['linux', 'xdg/sops/age/keys.txt', { XDG_CONFIG_HOME: 'xdg' }],
    ['darwin', 'home/Library/Application Support/sops/age/keys.txt', {}],
    ['darwin', 'xdg/sops/age/keys.txt', { XDG_CONFIG_HOME: 'xdg' }],
  ])('finds the usual file on %s: %s', async (platform, path, env) => {
    const own = join(platform, path.split('/')[0] ?? '');
    const home = join(folder, platform, 'home');
    const configured = Object.fromEntries(Object.keys(env).map((name) => [name, join(folder, platform, 'xdg')]));
    file(join(platform, path), identity);
    expect(await outcome({ env: configured, home, platform })).toBe('opened');
    rmSync(join(folder, own), { recursive: true });
    expect(await outcome({ env: configured, home, platform })).toContain('keys.txt: does not exist');
  });

  it('looks into AppData on Windows', async () => {
    const [source] = await findAgeKeys({ env: { APPDATA: 'C:\\Users\\ada\\Roaming' }, home: '', platform: 'win32' });
    expect(source?.description).toBe('C:\\Users\\ada\\Roaming\\sops\\age\\keys.txt');
  });

  it('tries all of them: one that cannot be used hides no other', async () => {
    const env = {
      SOPS_AGE_KEY: 'no identity',
      SOPS_AGE_KEY_FILE: join(folder, 'missing'),
      XDG_CONFIG_HOME: join(folder, 'good'),
    };
    file('good/sops/age/keys.txt', identity);
    expect(await outcome({ ...none, env })).toBe('opened');
  });

  it('says of each place what is wrong there, and quotes no key', async () => {
    const env = {
      SOPS_AGE_KEY: stranger,
      SOPS_AGE_KEY_FILE: file('b/keys.txt', `${stranger}x`),
      SOPS_AGE_KEY_CMD: 'print-key',
      XDG_CONFIG_HOME: 'relative',
    };
    const message = await outcome({ ...none, env });
    expect(message).toContain('Looked at SOPS_AGE_KEY: has no key for it; ');
    expect(message).toContain(`b/keys.txt (SOPS_AGE_KEY_FILE): Line 1 of`);
    expect(message).toContain('SOPS_AGE_KEY_CMD: SOPS_AGE_KEY_CMD is not looked at here');
    expect(message).not.toContain('relative');
    expect(message).not.toContain(stranger);
  });

  it('says where it looked when there is no key at all', async () => {
    expect(await outcome(none)).toContain(`Looked at ${join(none.home, '.config/sops/age/keys.txt')}: does not exist.`);
    expect(await findAgeKeys({ env: {}, home: '', platform: 'linux' })).toEqual([]);
  });
});
