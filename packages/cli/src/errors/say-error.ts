import { exitCodes } from '../exit-code.js';
import { PluginError } from '../kinds/plugin-failure.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { safeLines } from '../terminal/readable-text.js';
import { RefusedSpecError } from '../validate/refused-spec-error.js';
import { sayIssues } from '../validate/say-issues.js';
import { ownErrorCode } from './own-error.js';
import { traceOf } from './unexpected-error.js';
import { UsageError } from './usage-error.js';

/**
 * Says why a command could not do what was asked: a sentence on standard error, or with `--json` objects on standard output.
 *
 * @param about What else an object has, such as whose error it is.
 * @returns The exit code.
 */
export function sayError(
  error: unknown,
  outputs: Outputs,
  env: CommandLineIo['env'],
  about: Readonly<Record<string, unknown>> = {},
): number {
  const { stdout, stderr, isJson } = outputs;
  if (error instanceof RefusedSpecError) sayIssues(error.spec, outputs, env);
  for (const { text, ...object } of told(error)) {
    if (isJson) stdout.line(JSON.stringify({ event: 'error', ...object, ...about }));
    else stderr.line(text);
  }
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}

/** An error for people, `text`, and what programs are told of it. */
type ToldError = { text: string; code: string; message: string; plugin?: string };

function told(error: unknown): ToldError[] {
  if (error instanceof PluginError) {
    return error.failures.map(({ code, message, plugin }) => ({ text: `${code}: ${message}`, code, message, plugin }));
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) return [{ text: message, code: error.code, message }];
  const code = ownErrorCode(error);
  if (code !== undefined) return [{ text: `${code}: ${message}`, code, message }];
  // Nobody meant this to happen: whoever mends it needs to know where.
  const trace = safeLines(traceOf(error));
  return [{ text: trace, code: 'UNEXPECTED', message: trace }];
}
