import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrderedObject } from './ordered-value.js';
import { type DocumentFormat, readDocument } from './sealed-document.js';
import { SecretsError, type SecretsErrorCode } from './secrets-error.js';

/** The `sops` command, for documents whose keys it alone can use: those of clouds, and PGP. */
export interface SopsCommand {
  /**
   * The value of a document, whose seal was verified. Rejects with a `SecretsError`.
   *
   * @param label What messages call the document.
   */
  decrypt(text: string, format: DocumentFormat, label: string): Promise<OrderedObject>;
}

/** Which program is run, and how long it may take. */
export type SopsCommandOptions = {
  /** Undefined: `sops`, looked for in `PATH`. */
  program?: string;
  /** `process.env`. Of it the command gets what it needs to find its keys, and nothing else. */
  env: Readonly<Record<string, string | undefined>>;
  /** How long it may take, in milliseconds. Undefined: 30 seconds. */
  timeoutMs?: number;
};

/** What tells sops, gpg and the libraries of clouds where they are and who is asking. */
const passedOn =
  /^(?:PATH|HOME|USER|USERPROFILE|LOCALAPPDATA|APPDATA|SYSTEMROOT|PATHEXT|TEMP|TMP|TMPDIR|GNUPGHOME|GPG_AGENT_INFO|GPG_TTY|SSH_AUTH_SOCK|HTTPS?_PROXY|NO_PROXY|SSL_CERT_(?:FILE|DIR)|(?:XDG|SOPS|AWS|AZURE|GOOGLE|CLOUDSDK|VAULT)_\w+)$/i;

/** What the exit codes of sops mean. Its output can quote values and is never shown (I8). */
const exitCodes = new Map<number, [code: SecretsErrorCode, problem: string]>([
  [25, ['SECRETS_CORRUPT', 'a ciphertext is not what was written at its place']],
  [51, ['SECRETS_MAC_MISMATCH', 'it was changed after it was sealed']],
  [128, ['SECRETS_NO_KEY', 'the sops command has no key for it either. Log in where its key is kept, and try again']],
]);

const outputLimitBytes = 64 * 2 ** 20;

/** Runs the `sops` command that is installed on this machine, a process for each document. */
export function sopsCommand({ program = 'sops', env, timeoutMs = 30_000 }: SopsCommandOptions): SopsCommand {
  return {
    async decrypt(text, format, label) {
      const folder = await mkdtemp(join(tmpdir(), 'aftercommit-sops-'));
      try {
        // A file, because sops cannot read the socket that a child of Node has for its standard input. It holds ciphertexts only.
        const file = join(folder, `sealed.${format}`);
        await writeFile(file, text, { mode: 0o600 });
        const types = ['--input-type', format, '--output-type', 'json'];
        const run = { program, args: ['--config', devNull, '--decrypt', ...types, file], env: cleaned(env), timeoutMs };
        return readDocument(await outputOf(run, label), 'json', `What sops made of ${label}`);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function cleaned(env: SopsCommandOptions['env']): Record<string, string> {
  const kept = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(kept.filter(([name]) => passedOn.test(name)));
}

type Run = { program: string; args: string[]; env: Record<string, string>; timeoutMs: number };

async function outputOf({ program, args, env, timeoutMs }: Run, label: string): Promise<string> {
  const failed = (problem: string): SecretsError =>
    new SecretsError('SECRETS_COMMAND_FAILED', `${label} was not opened: the command ${program} ${problem}.`);
  // A group of its own, so that what the command has started ends with it.
  const child = spawn(program, args, {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: process.platform !== 'win32',
  });
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let stopped: string | undefined;
  const stop = (reason: string): void => {
    stopped ??= reason;
    endGroup(child.pid);
    child.kill('SIGKILL');
    child.stdout.destroy();
  };
  const timer = setTimeout(() => stop(`took longer than ${timeoutMs} ms`), timeoutMs);
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > outputLimitBytes) stop('wrote more than 64 MiB');
  });
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    if (stopped !== undefined) throw failed(stopped);
    if (exitCode === 0) return Buffer.concat(chunks).toString('utf8');
    const [code, problem] = exitCodes.get(exitCode ?? -1) ?? [];
    if (code !== undefined) throw new SecretsError(code, `${label} cannot be opened: ${problem}.`);
    throw failed(exitCode === null ? 'was ended by a signal' : `failed with exit code ${exitCode}`);
  } catch (error) {
    if (error instanceof SecretsError) throw error;
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw failed(`could not be started (${reason}). Install sops, or name it`);
  } finally {
    clearTimeout(timer);
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined || process.platform === 'win32') return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
