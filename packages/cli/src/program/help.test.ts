import type { Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { testIo } from '../../test/command-line-bench.js';
import { runCommandLine } from '../run-command-line.js';
import { Output } from '../terminal/output.js';
import { buildProgram } from './build-program.js';
import { CommandCall } from './command-call.js';

/** Parses, and runs nothing. */
function parsingProgram(): Command {
  const io = testIo('/');
  const outputs = { stdout: new Output(io.stdout), stderr: new Output(io.stderr), isJson: false };
  const call = new CommandCall(io, outputs, (options) => options);
  return buildProgram(Object.assign(call, { does: async () => undefined }), () => undefined);
}

/** A command and what is typed for it: `parked list`. */
type Named = { name: string; command: Command };

/** Those that help lists: what the scripts of completion ask is no word of people. */
function commandsIn(command: Command, above: readonly string[] = []): Named[] {
  const listed = command.createHelp().visibleCommands(command);
  return command.commands.flatMap((one) => {
    if (!listed.includes(one)) return [];
    const path = [...above, one.name()];
    return [{ name: path.join(' '), command: one }, ...commandsIn(one, path)];
  });
}

const everyOne = commandsIn(parsingProgram());
/** Those that do something: a group only has commands. */
const working = everyOne.filter(({ command }) => command.commands.length === 0);

async function helpOf(name: string): Promise<string> {
  const io = testIo('/');
  expect(await runCommandLine([...name.split(' '), '--help'], io)).toBe(0);
  return io.stdout.text;
}

/** What stands below a heading of a help page, up to the next. */
function section(help: string, heading: string): string[] {
  const [, text = ''] = help.split(`\n${heading}:\n`);
  return (text.split('\n\n')[0] ?? '').split('\n').filter((line) => line !== '');
}

test('there are commands, and groups of them', () => {
  expect(working.map(({ name }) => name)).toEqual(expect.arrayContaining(['run', 'status', 'parked list', 'kinds']));
  expect(everyOne.length).toBeGreaterThan(working.length);
});

test.each(everyOne)('$name says in its first sentence what it does', ({ command }) => {
  expect(command.description()).toMatch(/^[A-Z][^.]*[^.]\.(?: |$)/);
});

test.each(working)('the help of $name has examples and exit codes', async ({ name, command }) => {
  const help = await helpOf(name);
  expect(section(help, 'Examples').length).toBeGreaterThan(0);
  const codes = section(help, 'Exit codes').map((line) => line.trim().split(/ {2,}/));
  expect(codes.map(([code]) => code)).toEqual(expect.arrayContaining(['0', '2']));
  for (const [, meaning] of codes) expect(meaning).toMatch(/^[a-z]/);
  for (const { flags } of command.options) expect(help).toContain(`  ${flags}`);
  expect(help).not.toMatch(/default: (?:false|\[\])/);
});

test.each(working)('$name prints objects with --json', ({ command }) => {
  expect(command.options.map(({ long }) => long)).toContain('--json');
});

describe('an option of several commands', () => {
  const uses = working.flatMap(({ name, command }) => command.options.map((option) => ({ name, option })));
  const flags = [...new Set(uses.map(({ option }) => option.long ?? ''))];
  const several = flags
    .map((long) => [long, uses.filter(({ option }) => option.long === long)] as const)
    .filter(([, all]) => all.length > 1);
  const words = ({ flags, description, helpGroupHeading }: Option) => [flags, description, helpGroupHeading];

  test('is one of many', () => {
    expect(several.length).toBeGreaterThan(8);
  });

  test.each(several)('%s has the same words everywhere', (_long, all) => {
    const [first] = all;
    for (const { option } of all) expect(words(option)).toEqual(first === undefined ? [] : words(first.option));
  });
});

describe('the options stand in one order:', () => {
  /** Behind those that are a command's own. */
  const order = [
    '--materialization',
    '--trigger',
    '--json',
    '--state',
    '--store',
    '--sops',
    '--plugin',
    '--allow-plugins',
    '--allow-command',
    '--egress',
    '--egress-allow',
    '--egress-proxy',
  ];

  test.each(working)('$name', ({ command }) => {
    const given = command.options.map(({ long }) => long ?? '');
    const shared = order.filter((long) => given.includes(long));
    expect(given.slice(-shared.length)).toEqual(shared);
  });
});

/** The words of one line as a shell would divide it, up to what is piped on or read from a file. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
}

/** What an example calls of ours: behind variables, between pipes. */
function callsIn(example: string): string[][] {
  const [typed = ''] = example.trim().replace(/^\$ /, '').split(/ {3,}/);
  return typed
    .split(/ (?:\||&&) (?=(?:[^']*'[^']*')*[^']*$)/)
    .map((part) => wordsOf(part.replace(/ [<>] \S+$/, '').replace(/^(?:[A-Z_]+=\S+ )+/, '')))
    .flatMap(([program, ...args]) => (program === 'aftercommit' ? [args] : []));
}

test.each([{ name: '' }, ...everyOne])('the examples of "$name" are understood', async ({ name }) => {
  const calls = section(await helpOf(name), 'Examples').flatMap(callsIn);
  expect(calls.length).toBeGreaterThan(0);
  for (const args of calls) await parsingProgram().parseAsync(args, { from: 'user' });
});

test('an example that is not understood would be noticed', async () => {
  await expect(parsingProgram().parseAsync(['status', '--wtch'], { from: 'user' })).rejects.toThrow('--wtch');
});
