import { exitCodes } from '../exit-code.js';
import { failureObject, PluginError } from '../kinds/plugin-failure.js';
import { secretsAccess } from '../sealed/secrets-access.js';
import { formatIssues } from '../spec/format-issues.js';
import { type CommandLineIo, hasColors } from '../terminal/command-line-io.js';
import type { Output, Outputs } from '../terminal/output.js';
import { readSpecFile, type SpecArguments, type SpecFile } from './spec-file.js';
import { countIssues, verdict } from './spec-report.js';

/** The arguments of `aftercommit validate`. */
export type ValidateArguments = SpecArguments & {
  json: boolean;
  /** The `sops` command, for what no age key opens. Undefined: it is not asked. */
  sops?: string;
};

/**
 * Checks a spec and says everything there is to say of it. Sealed configurations need no key; where one is at hand, their seals are
 * verified. Opens no endpoint and contacts nobody.
 */
export async function validateCommand(
  given: ValidateArguments,
  io: CommandLineIo,
  { stdout }: Outputs,
): Promise<number> {
  try {
    return validated(
      given,
      io,
      stdout,
      await readSpecFile(given, io, secretsAccess('where a key fits', io, given.sops)),
    );
  } catch (error) {
    if (!(error instanceof PluginError) || !given.json) throw error;
    for (const failure of error.failures) stdout.line(JSON.stringify(failureObject(failure)));
    stdout.line(JSON.stringify({ event: 'validated', errors: error.failures.length, warnings: 0 }));
    return exitCodes.usage;
  }
}

function validated(given: ValidateArguments, io: CommandLineIo, stdout: Output, spec: SpecFile): number {
  if (given.json) printObjects(spec, stdout);
  else {
    stdout.write(formatIssues(spec.issues, spec.path, { isColored: hasColors(stdout.stream, io.env) }));
    stdout.line(verdict(spec));
  }
  return countIssues(spec).errors > 0 ? exitCodes.usage : exitCodes.done;
}

function printObjects(spec: SpecFile, stdout: Output): void {
  for (const issue of spec.issues) stdout.line(JSON.stringify({ event: 'issue', file: spec.path, ...issue }));
  stdout.line(
    JSON.stringify({ event: 'validated', ...countIssues(spec), ...(spec.seals.all > 0 && { seals: spec.seals }) }),
  );
}
