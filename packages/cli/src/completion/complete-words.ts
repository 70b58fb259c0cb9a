import type { Command, Option } from 'commander';

/** What a word of the command line may become. */
export type Completion =
  /** One of these, each with what it means; `''`: nothing more is said of it. */
  | { kind: 'words'; words: ReadonlyArray<readonly [word: string, meaning: string]> }
  /** A file, which the shell completes: one that ends so, or any where there is no ending. */
  | { kind: 'files'; endings: readonly string[] };

/** What is known of the spec that stands on the line; each is asked only when it is needed. */
export type Names = {
  kinds(): Promise<readonly string[]>;
  materializations(specPath: string | undefined): Promise<readonly string[]>;
  /** @param materialization Undefined: those of all. */
  triggers(specPath: string | undefined, materialization: string | undefined): Promise<readonly string[]>;
};

/** The line before the word that is completed. */
type Line = {
  command: Command;
  /** Words that are neither commands nor options. */
  given: readonly string[];
  /** Values of options, by their long names. */
  values: ReadonlyMap<string, string>;
  /** The option whose value is completed. Undefined: none. */
  option: Option | undefined;
  /** Whether `--` stands before it, so that no option can follow. */
  isBehindOptions: boolean;
};

/**
 * What the last word may become.
 *
 * @param words Those of the line behind the program's name. The last one is completed; it may be empty.
 */
export async function completeWords(program: Command, words: readonly string[], names: Names): Promise<Completion> {
  const last = words.at(-1) ?? '';
  const line = readLine(program, words.slice(0, -1));
  const completion = await completionOf(line, last, names);
  if (completion.kind === 'files') return completion;
  return { kind: 'words', words: completion.words.filter(([word]) => word.startsWith(last)) };
}

function readLine(program: Command, words: readonly string[]): Line {
  const given: string[] = [];
  const values = new Map<string, string>();
  let command = program;
  let option: Option | undefined;
  let isBehindOptions = false;
  for (const word of words) {
    if (option !== undefined) {
      values.set(option.name(), word);
      option = undefined;
    } else if (word === '--') {
      isBehindOptions = true;
    } else if (word.startsWith('-') && !isBehindOptions) {
      option = command.options.find((one) => (one.long === word || one.short === word) && one.required);
    } else {
      const inner = given.length === 0 ? command.commands.find((one) => one.name() === word) : undefined;
      if (inner === undefined) given.push(word);
      else command = inner;
    }
  }
  return { command, given, values, option, isBehindOptions };
}

async function completionOf(line: Line, last: string, names: Names): Promise<Completion> {
  const { command, given, option, isBehindOptions } = line;
  if (option !== undefined) return await valueFor(option, line, names);
  if (last.startsWith('-') && !isBehindOptions) return { kind: 'words', words: optionsOf(command) };
  if (command.commands.length > 0 && given.length === 0) return { kind: 'words', words: commandsOf(command) };
  const { registeredArguments } = command;
  const argument = registeredArguments[given.length] ?? registeredArguments.filter(({ variadic }) => variadic).at(-1);
  return argument === undefined ? none : await namedBy(argument.name(), line, names);
}

const none: Completion = { kind: 'words', words: [] };
const anyFile: Completion = { kind: 'files', endings: [] };

function optionsOf({ options }: Command): Array<readonly [string, string]> {
  const shown = options.filter(({ hidden }) => !hidden);
  return [...shown.map(({ long, short, description }) => [long ?? short ?? '', description] as const), help];
}

const help = ['--help', 'print this help'] as const;

function commandsOf(command: Command): Array<readonly [string, string]> {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((one) => [one.name(), one.description()] as const);
}

/** Values of options, by what help calls them: `--state <file>`, `--materialization <name>`. */
async function valueFor({ flags, argChoices, long }: Option, line: Line, names: Names): Promise<Completion> {
  if (argChoices !== undefined) return plain(argChoices);
  const closed = closedValues[long ?? ''];
  if (closed !== undefined) return plain(closed);
  if (/<(file|module|path|program|pattern)>/.test(flags)) return anyFile;
  return await namedBy(long?.replace(/^--/, '') ?? '', line, names);
}

const closedValues: Readonly<Record<string, readonly string[]>> = {
  '--egress': ['private', 'public', 'listed'],
  '--endpoint': ['sqlite', 'postgres'],
};

/** What stands for an argument, or for an option, of this name. */
async function namedBy(name: string, { command, given, values }: Line, names: Names): Promise<Completion> {
  const [specPath] = given;
  const materialization = values.get('materialization') ?? argumentNamed('materialization', command, given);
  switch (name) {
    case 'spec':
      return { kind: 'files', endings: ['yaml', 'yml', 'json'] };
    case 'kind':
      return plain(await names.kinds());
    case 'materialization':
      return plain(await names.materializations(specPath));
    case 'trigger':
    case 'outbox':
      return plain(await names.triggers(specPath, materialization));
    case 'shell':
      return plain(['bash', 'zsh', 'fish']);
    default:
      return none;
  }
}

function argumentNamed(name: string, { registeredArguments }: Command, given: readonly string[]): string | undefined {
  const index = registeredArguments.findIndex((argument) => argument.name() === name);
  return index === -1 ? undefined : given[index];
}

function plain(words: readonly string[]): Completion {
  return { kind: 'words', words: words.map((word) => [word, ''] as const) };
}
