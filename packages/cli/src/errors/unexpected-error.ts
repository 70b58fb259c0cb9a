import { proxySecrets, Redactor } from '@aftercommit/registry/redaction';
import type { SpecFile } from '../validate/spec-file.js';
import { ownErrorCode } from './own-error.js';
import { UsageError } from './usage-error.js';

/** An error that nobody foresaw, as it may be printed. */
class UnexpectedError extends Error {
  /** Its message and where it happened, without secrets. */
  readonly trace: string;

  constructor(trace: string) {
    super('Something went wrong that nobody foresaw.');
    this.name = 'UnexpectedError';
    this.trace = trace;
  }
}

/**
 * Works on a spec. I8: an error that nobody foresaw may quote anything, so that only its trace is passed on, without the
 * secrets of the spec and of the operator's proxy.
 */
export async function withoutSecretsOf<Result>(
  { tasks, kinds }: Pick<SpecFile, 'tasks' | 'kinds'>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError || ownErrorCode(error) !== undefined) throw error;
    const secrets = tasks.flatMap(({ triggers }) => triggers.flatMap((trigger) => trigger.secrets));
    const redactor = new Redactor([...secrets, ...proxySecrets(kinds.egress)]);
    throw new UnexpectedError(redactor.scrub(stackOf(error)));
  }
}

/** Where an error happened. Its message is left out unless its secrets are known: it may quote a spec that was being read. */
export function traceOf(error: unknown): string {
  if (error instanceof UnexpectedError) return error.trace;
  const name = error instanceof Error ? error.constructor.name : typeof error;
  const frames = stackOf(error)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return [`Unexpected ${name}; its message is not shown, because it may quote the spec.`, ...frames].join('\n');
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
