import { type CommandLineIo, hasColors } from './command-line-io.js';
import { exitCodes } from './exit-code.js';
import type { Output } from './output.js';
import { formatIssues } from './spec/format-issues.js';
import { readSpecFile, type SpecFile } from './spec-file.js';
import { countIssues, verdict } from './spec-report.js';

/** Checks a spec and says everything there is to say of it. Opens and contacts nothing. */
export function validateCommand(path: string, isJson: boolean, io: CommandLineIo, stdout: Output): number {
  const spec = readSpecFile(path, io.cwd);
  if (isJson) printObjects(spec, stdout);
  else {
    stdout.write(formatIssues(spec.issues, spec.path, { isColored: hasColors(stdout.stream, io.env) }));
    stdout.line(verdict(spec));
  }
  return countIssues(spec).errors > 0 ? exitCodes.usage : exitCodes.done;
}

function printObjects(spec: SpecFile, stdout: Output): void {
  for (const issue of spec.issues) stdout.line(JSON.stringify({ event: 'issue', file: spec.path, ...issue }));
  stdout.line(JSON.stringify({ event: 'validated', ...countIssues(spec) }));
}
