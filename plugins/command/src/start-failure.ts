import { basename } from 'node:path';
import type { AttemptOutcome } from '@aftercommit/registry';

/** Why a program could not be started, by the code of the system's error, where no repetition changes it. */
const lasting: Record<string, string> = {
  ENOENT: 'the program, the interpreter in its first line, or its cwd does not exist',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'this user may not execute it',
  EPERM: 'this user may not execute it',
  ENOEXEC: 'it is no program of this machine',
  ELOOP: 'its path is a circle of links',
  ENAMETOOLONG: 'its path is too long',
  E2BIG: 'args and env are too long together',
  ERR_INVALID_ARG_VALUE: 'a name or value of its environment has a character that none can have',
};

/** How an attempt ended whose program could not be started. Of the error only its code is shown. */
export function startFailure(program: string, error: unknown): Exclude<AttemptOutcome, { outcome: 'delivered' }> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
  const meaning = lasting[code];
  const reason = `${basename(program)} cannot be started: ${meaning ?? 'the system refuses it for now'} (${code})`;
  return { outcome: meaning === undefined ? 'retry' : 'rejected', reason };
}
