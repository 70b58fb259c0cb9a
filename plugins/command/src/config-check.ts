import { jsonPointer, type KindIssue } from '@aftercommit/registry';
import { type AllowedPrograms, pathProblem } from './allowed-programs.js';
import { variableNameProblem } from './child-environment.js';
import type { CommandConfig } from './command-config.js';

/** Every issue of a configuration that matches the schema. Never quotes an argument or the value of a variable. */
export function checkConfig({ program, args, env, cwd }: CommandConfig, allowed: AllowedPrograms): KindIssue[] {
  return [
    ...programProblems(program, allowed).map((message) => error(['program'], message)),
    ...(args ?? []).flatMap((arg, index) => argIssues(arg, ['args', String(index)])),
    ...Object.entries(env ?? {}).flatMap(([name, value]) => variableIssues(name, value)),
    ...(cwd === undefined ? [] : cwdProblems(cwd).map((message) => error(['cwd'], message))),
  ];
}

function programProblems(program: string, allowed: AllowedPrograms): string[] {
  const problem = pathProblem(program);
  if (problem !== undefined) return [`program ${problem}. Write it as an absolute path: PATH is not searched.`];
  if (program.endsWith('/')) return ['program is a folder. Name the program in it.'];
  const refusal = allowed.refusal(program);
  return refusal === undefined ? [] : [refusal];
}

function argIssues(arg: string, path: string[]): KindIssue[] {
  if (arg.includes('\0')) return [error(path, 'An argument has a character in it that none can have: a zero byte.')];
  if (!arg.includes('{{')) return [];
  const message =
    'An argument has "{{" in it, and args are no templates: it is passed on as it stands. The payload is on standard input.';
  return [{ severity: 'warning', pointer: jsonPointer(path), message }];
}

/** A sealed value is absent, whether its name is left with `undefined` or not at all: only names are checked then. */
function variableIssues(name: string, value: string | undefined): KindIssue[] {
  const problem = variableNameProblem(name);
  // The pointer shows no name that is not legal: a value may have got into it.
  if (problem !== undefined) return [error(/^\w+$/.test(name) ? ['env', name] : ['env'], problem)];
  if (value?.includes('\0')) {
    return [error(['env', name], `The value of ${name} has a character that none can have: a zero byte.`)];
  }
  return [];
}

function cwdProblems(cwd: string): string[] {
  const problem = pathProblem(cwd);
  return problem === undefined ? [] : [`cwd ${problem}. Write it as an absolute path.`];
}

function error(path: string[], message: string): KindIssue {
  return { severity: 'error', pointer: jsonPointer(path), message };
}
