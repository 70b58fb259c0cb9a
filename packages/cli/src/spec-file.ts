import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { sqlite } from '@aftercommit/connector-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import { webhook } from '@aftercommit/webhook';
import { holdConfigs } from './sealed/hold-configs.js';
import { noAccess, type SecretsAccess } from './sealed/secrets-access.js';
import { parseSpec } from './spec/parse-spec.js';
import { checkSpec, type ReadSpec } from './spec/read-spec.js';
import { systemReason, UsageError } from './usage-error.js';

/** A spec as it stands in its file. */
export type SpecFile = ReadSpec & {
  /** As it was given. */
  path: string;
  /** Where the paths in it begin. */
  directory: string;
  /** How many of its configurations are sealed: those whose seal was verified with a key, and all. */
  seals: { verified: number; all: number };
};

/** What can stand under `endpoint` of a materialization that is to be run. */
export const connectors: readonly ConnectorKind[] = [sqlite];

/** What can stand under `kind` of a trigger. */
export const kinds = new TriggerKindRegistry([webhook]);

/**
 * Reads and checks a spec, and the files that hold its triggers.
 *
 * @param path Relative to `cwd`.
 * @param access How what is sealed is opened. Default: it is looked at from outside.
 * @throws UsageError when there is no such file, or it cannot be read.
 */
export async function readSpecFile(path: string, cwd: string, access: SecretsAccess = noAccess): Promise<SpecFile> {
  const file = resolve(cwd, path);
  const directory = dirname(file);
  const installed = { registry: kinds, connectors };
  const parsed = parseSpec(readText(file, path), path);
  const readNamed = (named: string): string => readText(resolve(directory, named), named);
  const held = await holdConfigs(parsed, { ...installed, access, readText: readNamed });
  const seals = held.all.flatMap(({ seal }) => seal ?? []);
  const verified = seals.filter((seal) => seal === 'verified').length;
  const spec = checkSpec(parsed, path, { ...installed, held });
  return { ...spec, path, directory, seals: { verified, all: seals.length } };
}

export function readText(file: string, path: string): string {
  const bytes = readBytes(file, path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(`${path} is not UTF-8 text: save the spec as UTF-8.`, { cause });
  }
}

function readBytes(file: string, path: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new UsageError(unreadable(path, systemReason(cause)), { cause });
  }
}

function unreadable(path: string, { code, words }: { code: string; words: string }): string {
  if (code === 'ENOENT') return `There is no file ${path}: give the path of a spec, such as weather.yaml.`;
  if (code === 'EISDIR') return `${path} is a folder: give the path of the spec in it, such as ${path}/weather.yaml.`;
  return `${path} cannot be read (${words}): look at its path and its permissions.`;
}
