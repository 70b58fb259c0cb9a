import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { identity, recipient, schemaOf, sealer, triggers, vectors } from '../test/sample-kinds.js';
import { decryptDocument } from './decrypt-document.js';
import { encryptDocument } from './encrypt-document.js';
import { toPlain } from './ordered-value.js';
import { sealTriggers } from './seal-triggers.js';
import { sopsCommand } from './sops-command.js';
import { unsealTriggers } from './unseal-triggers.js';

const folder = mkdtempSync(join(tmpdir(), 'stand-in-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An executable in the place of sops that runs `script`; `args`, `file` and `text` are what it was given. */
function standIn(script: string): string {
  const program = join(folder, `sops-${createHash('sha256').update(script).digest('hex').slice(0, 12)}`);
  const given =
    "const fs = require('node:fs'); const args = process.argv.slice(2); const file = args.at(-1); const text = fs.readFileSync(file, 'utf8');";
  writeFileSync(program, `#!${process.execPath}\n${given}\n${script}\n`, { mode: 0o755 });
  return program;
}

const cloud = (text: string): string =>
  text.replace(/"age": \[[^\]]*\]/, '"kms": [{"arn": "arn:aws:kms:x", "enc": "AQID"}]');
const sealed = cloud(await encryptDocument({ a: 's3cr3t' }, { format: 'json', recipients: [recipient] }));
const run = (script: string, timeoutMs?: number) =>
  decryptDocument(sealed, {
    format: 'json',
    label: 'orders.json',
    keySources: [],
    sopsCommand: sopsCommand({
      program: standIn(script),
      env: { PATH: '/bin' },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    }),
  });

describe('the sops command', () => {
  it('opens what no key source opens, and is not asked before', async () => {
    expect(await run('console.log(\'{"a": "s3cr3t", "10": 1}\')')).toEqual({ a: 's3cr3t', 10: 1 });
    const failing = sopsCommand({ program: join(folder, 'missing'), env: {} });
    const [vector] = vectors;
    const { ageKeySource } = await import('./age-key-source.js');
    const options = { format: 'json', keySources: [ageKeySource(identity)], sopsCommand: failing } as const;
    await expect(decryptDocument(vector?.encrypted ?? '', options)).resolves.toBeDefined();
  });

  it('gets a file that only its owner can read, which is gone afterwards, and no configuration of sops', async () => {
    const seen = join(folder, 'seen.json');
    await run(
      `fs.writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ args, mode: fs.statSync(file).mode & 0o777, text })); console.log('{}')`,
    );
    const { args, mode, text } = JSON.parse(readFileSync(seen, 'utf8'));
    expect(args.slice(0, -1)).toEqual([
      '--config',
      '/dev/null',
      '--decrypt',
      '--input-type',
      'json',
      '--output-type',
      'json',
    ]);
    expect([mode, text]).toEqual([0o600, sealed]);
    expect(() => readFileSync(args.at(-1))).toThrow('ENOENT');
  });

  it('gets of the environment what it needs to find its keys', async () => {
    const env = {
      PATH: '/bin',
      HOME: '/home/ada',
      AWS_PROFILE: 'p',
      GNUPGHOME: '/g',
      SOPS_AGE_KEY_FILE: '/k',
      DATABASE_URL: 's3cr3t',
      NODE_OPTIONS: '-x',
      EMPTY: undefined,
    };
    const program = standIn('console.log(JSON.stringify({ names: Object.keys(process.env).sort().join() }))');
    const opened = await sopsCommand({ program, env }).decrypt(sealed, 'json', 'it');
    expect(opened.get('names')).toBe('AWS_PROFILE,GNUPGHOME,HOME,PATH,SOPS_AGE_KEY_FILE');
  });

  it.each([
    [51, 'SECRETS_MAC_MISMATCH'],
    [128, 'SECRETS_NO_KEY'],
    [25, 'SECRETS_CORRUPT'],
    [1, 'SECRETS_COMMAND_FAILED'],
    [203, 'SECRETS_COMMAND_FAILED'],
  ])('that ends with %d is %s, and what it wrote is not shown', async (exitCode, code) => {
    const failed: unknown = await run(
      `console.error('s3cr3t'); console.log('s3cr3t'); process.exit(${exitCode})`,
    ).catch((error) => error);
    expect(failed).toMatchObject({ code, message: expect.stringContaining('orders.json') });
    expect(JSON.stringify(failed) + String(failed)).not.toContain('s3cr3t');
    expect(failed).not.toHaveProperty('cause');
  });

  it('is ended after its time limit, with what it has started', async () => {
    const server = createServer();
    // The socket closes when the process that holds its other end is gone.
    const ended = new Promise<void>((resolve) => {
      server.once('connection', (socket) =>
        socket
          .on('error', () => undefined)
          .once('close', () => resolve())
          .resume(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const started = `require('node:net').connect(${port}, '127.0.0.1'); setInterval(() => {}, 1000)`;
    const script = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(started)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`;
    const connected = once(server, 'connection');
    const failed = expect(run(script, 2_000)).rejects.toMatchObject({
      code: 'SECRETS_COMMAND_FAILED',
      message: expect.stringContaining('took longer than 2000 ms'),
    });
    await connected;
    await failed;
    await ended;
    server.close();
  });

  it('fails when a signal ends it', async () => {
    const failed = run("process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)");
    await expect(failed).rejects.toThrow(/was ended by a signal/);
  });

  it('that writes no JSON is refused, and not quoted', async () => {
    const failed: unknown = await run("console.log('s3cr3t')").catch((error) => error);
    expect(failed).toMatchObject({ code: 'SECRETS_DOCUMENT_INVALID' });
    expect(String(failed)).not.toContain('s3cr3t');
  });

  it('that is not installed says so', async () => {
    const failed = sopsCommand({ program: join(folder, 'missing'), env: {} }).decrypt(sealed, 'json', 'orders.json');
    await expect(failed).rejects.toThrow(/could not be started \(ENOENT\)\. Install sops/);
  });

  it('opens triggers whose nonsensitive fields were put back, by the form that was sealed', async () => {
    const { text } = await sealTriggers(triggers, { schemaOf, sealer });
    const { value } = await sealTriggers({ config: triggers.config }, { schemaOf, sealer });
    const plain = JSON.stringify(toPlain(value)).replace(/"ENC\[[^\]]*\]"/g, '"opened"');
    const answer = JSON.stringify({ ...JSON.parse(plain), sops: undefined });
    const program = standIn(`if (text.includes('10s')) process.exit(51); console.log(${JSON.stringify(answer)})`);
    const unsealed = unsealTriggers(cloud(text), {
      schemaOf,
      keySources: [],
      sopsCommand: sopsCommand({ program, env: {} }),
    });
    // The stand-in makes a text of the pin, too, which the schema does not allow.
    await expect(unsealed).rejects.toMatchObject({ code: 'SECRETS_CONFIG_INVALID', pointer: '/config/mq/login/pin' });
  });
});

/** Where one is at hand, both ways with a real one. */
const real = process.env['SOPS_BIN'];
describe.skipIf(real === undefined)('a real sops', () => {
  const command = () =>
    sopsCommand({ program: real ?? '', env: { PATH: process.env['PATH'], SOPS_AGE_KEY: identity } });

  it.each(['json', 'yaml'] as const)('opens what is sealed here, as %s', async (format) => {
    const text = await encryptDocument({ a: 's3cr3t', list: [1, { b: true }] }, { format, recipients: [recipient] });
    expect(toPlain(await command().decrypt(text, format, 'it'))).toEqual({ a: 's3cr3t', list: [1, { b: true }] });
  });

  it('opens triggers whose nonsensitive fields were put back', async () => {
    const { text } = await sealTriggers(triggers, { schemaOf, sealer });
    expect(await unsealTriggers(text, { schemaOf, keySources: [], sopsCommand: command() })).toEqual(triggers);
  });
});
