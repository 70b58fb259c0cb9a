import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { sqlite } from '@aftercommit/connector-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import { webhook } from '@aftercommit/webhook';
import { readSpec } from './spec/read-spec.js';
import { systemReason, UsageError } from './usage-error.js';

/** A spec as it stands in its file. */
export type SpecFile = ReturnType<typeof readSpec> & {
  /** As it was given. */
  path: string;
  /** Where the paths in it begin. */
  directory: string;
};

/** What can stand under `endpoint` of a materialization that is to be run. */
export const connectors: readonly ConnectorKind[] = [sqlite];

/**
 * Reads and checks a spec.
 *
 * @param path Relative to `cwd`.
 * @throws UsageError when there is no such file, or it cannot be read.
 */
export function readSpecFile(path: string, cwd: string): SpecFile {
  const file = resolve(cwd, path);
  const known = { registry: new TriggerKindRegistry([webhook]), connectors };
  return { ...readSpec(readText(file, path), path, known), path, directory: dirname(file) };
}

function readText(file: string, path: string): string {
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
