import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { postgres } from '@aftercommit/connector-postgres';
import { sqlite } from '@aftercommit/connector-sqlite';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import { systemReason, UsageError } from '../errors/usage-error.js';
import { builtInKinds, type InstalledKinds } from '../kinds/installed-kinds.js';
import type { KindOptions } from '../kinds/kind-options.js';
import { asksForPlugins, type LoadedKinds, loadKinds } from '../kinds/load-kinds.js';
import { holdConfigs } from '../sealed/hold-configs.js';
import { noAccess, type SecretsAccess } from '../sealed/secrets-access.js';
import { parseSpec } from '../spec/parse-spec.js';
import { readPlugins } from '../spec/read-plugins.js';
import { checkSpec, type ReadSpec } from '../spec/read-spec.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import { RefusedSpecError } from './refused-spec-error.js';
import { countIssues } from './spec-report.js';

/** A spec as it stands in its file. */
export type SpecFile = ReadSpec & {
  /** As it was given. */
  path: string;
  /** Where the paths in it begin. */
  directory: string;
  /** How many of its configurations are sealed: those whose seal was verified with a key, and all. */
  seals: { verified: number; all: number };
  /** Every file that it consists of, itself first: whole paths. */
  files: readonly string[];
  /** What can stand under `kind` of its triggers. */
  kinds: InstalledKinds;
  /** The plugins that it lists, allowed or not. */
  plugins: readonly string[];
};

/** Which spec a command works on, and what it is told of the kinds of its triggers. */
export type SpecArguments = KindOptions & {
  /** Relative to the working folder. */
  specPath: string;
};

/** What can stand under `endpoint` of a materialization that is to be run. */
export const connectors: readonly ConnectorKind[] = [sqlite, postgres];

/**
 * Reads and checks a spec, and the files that hold its triggers. Plugins are loaded when nothing else is wrong with it: nobody
 * runs a program for a spec that is refused anyway.
 *
 * @param access How what is sealed is opened. Default: it is looked at from outside.
 * @throws UsageError when there is no such file, or it cannot be read, and when an option means nothing.
 * @throws PluginError when a plugin of the arguments cannot be used; one of the spec is an issue of it.
 */
export async function readSpecFile(
  given: SpecArguments,
  io: Pick<CommandLineIo, 'cwd' | 'clock' | 'env'>,
  access: SecretsAccess = noAccess,
): Promise<SpecFile> {
  const builtIn = { kinds: builtInKinds(given, io), failures: [] };
  const unread = { given, ...readSource(given.specPath, io.cwd) };
  if (!asksForPlugins(given)) return await check(unread, { ...builtIn, areComplete: true }, access);
  const first = await check(unread, { ...builtIn, areComplete: false }, noAccess);
  if (first.issues.some(({ severity }) => severity === 'error')) return first;
  const loaded = await loadKinds(given, io, { names: first.plugins, directory: first.directory });
  return await check(unread, { ...loaded, areComplete: loaded.failures.length === 0 }, access);
}

/**
 * As `readSpecFile`, for a command that can do nothing with a spec that has errors.
 *
 * @throws RefusedSpecError, too, when it has any.
 */
export async function readValidSpec(...args: Parameters<typeof readSpecFile>): Promise<SpecFile> {
  const spec = await readSpecFile(...args);
  if (countIssues(spec).errors > 0) throw new RefusedSpecError(spec);
  return spec;
}

/** A spec that nobody has looked at. */
type UnreadSpec = { given: SpecArguments; text: string; path: string; directory: string };

/** The kinds as far as they are loaded. Not complete: one that is unknown may be a plugin's. */
type KnownKinds = LoadedKinds & { areComplete: boolean };

function readSource(path: string, cwd: string): Omit<UnreadSpec, 'given'> {
  const file = resolve(cwd, path);
  return { path, directory: dirname(file), text: readText(file, path) };
}

async function check(
  { given, path, directory, text }: UnreadSpec,
  { kinds, failures, areComplete }: KnownKinds,
  access: SecretsAccess,
): Promise<SpecFile> {
  const parsed = parseSpec(text, path);
  const areAllowed = given.allowPlugins === true;
  const plugins = readPlugins(parsed, { areAllowed, failures });
  // Of plugins that are refused the refusal is said, and not each of their kinds.
  const areKindsComplete = areComplete && (plugins.length === 0 || areAllowed);
  const installed = { registry: kinds.registry, egress: kinds.egress, connectors, areKindsComplete };
  const files = [join(directory, basename(path))];
  const readNamed = (named: string): string => {
    files.push(resolve(directory, named));
    return readText(resolve(directory, named), named);
  };
  const held = await holdConfigs(parsed, { ...installed, access, readText: readNamed });
  const seals = held.all.flatMap(({ seal }) => seal ?? []);
  const verified = seals.filter((seal) => seal === 'verified').length;
  const spec = checkSpec(parsed, path, { ...installed, held });
  return { ...spec, path, directory, seals: { verified, all: seals.length }, files, kinds, plugins };
}

export function readText(file: string, path: string): string {
  const bytes = readBytes(file, path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(`${path} is not UTF-8 text: save the spec as UTF-8.`, { code: 'SPEC_UNREADABLE', cause });
  }
}

function readBytes(file: string, path: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new UsageError(unreadable(path, systemReason(cause)), { code: 'SPEC_UNREADABLE', cause });
  }
}

function unreadable(path: string, { code, words }: { code: string; words: string }): string {
  if (code === 'ENOENT') return `There is no file ${path}: give the path of a spec, such as weather.yaml.`;
  if (code === 'EISDIR') return `${path} is a folder: give the path of the spec in it, such as ${path}/weather.yaml.`;
  return `${path} cannot be read (${words}): look at its path and its permissions.`;
}
