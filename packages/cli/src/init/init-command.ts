import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { InterruptedError, UsageError } from '../errors/usage-error.js';
import { exitCodes, signalExitCode } from '../exit-code.js';
import type { InstalledKinds } from '../kinds/installed-kinds.js';
import type { KindOptions } from '../kinds/kind-options.js';
import { loadKinds } from '../kinds/load-kinds.js';
import { specSchema } from '../schema/spec-schema.js';
import { readSecret } from '../sealed/read-secret.js';
import { readSpec } from '../spec/read-spec.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { connectors } from '../validate/spec-file.js';
import { askAtTerminal, canAsk } from './ask-at-terminal.js';
import { askForData, askForKey, nameOf } from './data-questions.js';
import { askForEndpoint, askForTable, type GivenEndpoint } from './endpoint-questions.js';
import type { InitAnswers } from './init-answers.js';
import { sayWritten, type WrittenFile } from './init-report.js';
import { type NewFile, requireAbsent, writeNewFiles } from './new-files.js';
import { takeUsual } from './question.js';
import { sampleFile, sampleLines } from './sample-data.js';
import { specText } from './spec-text.js';
import { askForTrigger, type GivenTrigger } from './trigger-questions.js';

/** The arguments of `aftercommit init`. */
export type InitArguments = KindOptions &
  GivenEndpoint &
  GivenTrigger & {
    /** The file that is written, relative to the working folder. */
    specPath: string;
    /** Whether nobody is asked: what no option says is what is usual. */
    yes: boolean;
    /** Files and globs, relative to the spec; empty: what is found there. */
    data: readonly string[];
    /** Fields, or JSON pointers; empty: what tells the first documents apart. */
    key: readonly string[];
    /** The file with the schema for editors, relative to the spec: named in it, and written where there is none. Undefined: none. */
    schema?: string;
    /** Undefined: the name of the data. */
    table?: string;
    json: boolean;
  };

/** What is known when everything was asked. */
type Plan = { answers: InitAnswers; isSample: boolean; missing: readonly string[]; unread: readonly string[] };

/** Writes a spec that can be run at once, of what it is told and what it finds. Writes nothing before everything is known to be right. */
export async function initCommand(given: InitArguments, io: CommandLineIo, outputs: Outputs): Promise<number> {
  const path = resolve(io.cwd, given.specPath);
  requireFileName(given.specPath);
  requireAbsent(given.specPath, path);
  requireFolder(given.specPath, path);
  if (!given.yes && !canAsk(io)) throw new UsageError(noTerminal(given.specPath));
  const { kinds } = await loadKinds(given, io);
  try {
    const plan = await planned(given, dirname(path), kinds, io);
    const written = write(plan, given, path, kinds);
    sayWritten({ ...plan, written }, given, outputs);
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    return signalExitCode('SIGINT');
  }
}

function noTerminal(specPath: string): string {
  return `There is nobody to ask: standard input and standard error are no terminal. Take what is usual with aftercommit init ${specPath} --yes; aftercommit init --help lists the option for each answer.`;
}

/** A path that commands understand as the name of a file: `-` is standard input to them. */
function requireFileName(specPath: string): void {
  if (!/^-?$|[/\\]$/.test(specPath)) return;
  throw new UsageError(
    `"${specPath}" is no name of a file: give one, such as ${join(specPath.replace(/^-$/, ''), 'aftercommit.yaml')}.`,
  );
}

function requireFolder(specPath: string, path: string): void {
  if (existsSync(dirname(path))) return;
  throw new UsageError(`There is no folder ${dirname(specPath)}: make it first, or give another path.`);
}

async function planned(given: InitArguments, folder: string, kinds: InstalledKinds, io: CommandLineIo): Promise<Plan> {
  const ask = given.yes ? takeUsual : askAtTerminal(io);
  if (!given.yes)
    io.stderr.write('Enter takes what stands in brackets, Tab completes, Ctrl-C ends it and writes nothing.\n\n');
  const data = await askForData(folder, given.data, ask);
  const key = await askForKey(data, given.key, ask);
  const name = nameOf(data.patterns);
  const { connector, ...endpoint } = await askForEndpoint(given, { name, connectors, env: io.env }, ask);
  const table = await askForTable(given.table, { name, connector }, ask);
  const askSecret = (prompt: string) => readSecret(prompt, io);
  const trigger = await askForTrigger(given, kinds, { ask, askSecret, isAsked: canAsk(io) });
  const answers = { data: data.patterns, key, name, endpoint, table, trigger };
  return { answers, isSample: data.isSample, missing: data.missing, unread: data.unread };
}

/** The spec, and what it names that is not there. */
function write(
  { answers, isSample }: Plan,
  { specPath, schema }: InitArguments,
  path: string,
  kinds: InstalledKinds,
): WrittenFile[] {
  const names = kinds.registry.names.filter((name) => !kinds.plugins.has(name));
  const text = specText(answers, { specPath, schemaFile: schema, kinds: names });
  requireValid(text, specPath, kinds);
  const isPrivate = (answers.trigger?.secrets ?? []).length > 0;
  const files: Array<NewFile & WrittenFile> = [];
  const add = (file: string, holds: WrittenFile['holds'], content: string): void => {
    const name = isAbsolute(file) ? file : join(dirname(specPath), file);
    files.push({ file: name, name, holds, path: resolve(dirname(path), file), text: content, isPrivate: false });
  };
  files.push({ file: specPath, name: specPath, holds: 'spec', path, text, isPrivate });
  if (isSample) add(sampleFile, 'sample data', sampleLines);
  if (schema !== undefined && !existsSync(resolve(dirname(path), schema))) {
    const { registry } = kinds;
    add(schema, 'schema', `${JSON.stringify(specSchema({ registry, connectors }), null, 2)}\n`);
  }
  writeNewFiles(files);
  return files.map(({ file, holds }) => ({ file, holds }));
}

/** What is written is checked as `validate` checks it: answers that are right one by one may not go together. */
function requireValid(text: string, specPath: string, { registry, egress }: InstalledKinds): void {
  const { issues } = readSpec(text, basename(specPath), { registry, connectors, egress });
  const errors = issues.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const found = errors.map(({ message }) => message).join('\n');
  throw new UsageError(`These answers do not go together; nothing was written.\n${found}`);
}
