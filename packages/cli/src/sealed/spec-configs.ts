import { dirname, resolve } from 'node:path';
import type { JsonObject } from '@aftercommit/models';
import type { OrderedObject } from '@aftercommit/secrets';
import { isSealed } from '../spec/held-config.js';
import type { SpecPath } from '../spec/issue-collector.js';
import { type ParsedSpec, parseSpec } from '../spec/parse-spec.js';
import { RefusedSpecError } from '../validate/refused-spec-error.js';
import { connectors, readText } from '../validate/spec-file.js';
import { type ConfigPlace, configPlaces, labelOf } from './config-place.js';

/** A configuration of a spec that can be sealed, as it stands in its file. */
export type SpecConfig = {
  place: ConfigPlace;
  /** What messages call it. */
  label: string;
  /** The file that it is in, as it is called and where it is. */
  file: { name: string; path: string };
  /** Where in the file. Empty: it is the whole file. */
  pathInFile: SpecPath;
  value: OrderedObject;
  isSealed: boolean;
};

/**
 * All of them, in the order of the spec.
 *
 * @param specPath Relative to `cwd`.
 * @throws UsageError when a file cannot be read without doubt: a field that is given twice is one.
 */
export function specConfigs(specPath: string, cwd: string): SpecConfig[] {
  const path = resolve(cwd, specPath);
  const { root, orderedAt } = readable(parseSpec(readText(path, specPath), specPath), specPath);
  return configPlaces(root, connectors).flatMap((place): SpecConfig[] => {
    const of = { place, label: labelOf(place) };
    const { value, materialization } = place;
    if (typeof value !== 'string') {
      const file = { name: specPath, path };
      return asConfig({ ...of, file, pathInFile: place.path, isSealed: isSealed(value) }, orderedAt(place.path));
    }
    const file = { name: value, path: resolve(dirname(path), value) };
    const own = readable(parseSpec(readText(file.path, value), value, { file: value, materialization }), value);
    return asConfig({ ...of, file, pathInFile: [], isSealed: isSealed(own.root) }, own.orderedAt([]));
  });
}

/** Which one it is, for programs. */
export function configObject({ place, file }: SpecConfig): { materialization: string; part: string; file: string } {
  return { materialization: place.materialization, part: place.of.part, file: file.name };
}

/** @throws RefusedSpecError with everything that is wrong with the text. */
export function readable(parsed: ParsedSpec, name: string): ParsedSpec & { root: JsonObject } {
  const { root, issues } = parsed;
  if (root !== undefined && issues.errorCount === 0) return { ...parsed, root };
  throw new RefusedSpecError({ path: name, issues: issues.inOrder() });
}

function asConfig(config: Omit<SpecConfig, 'value'>, value: unknown): SpecConfig[] {
  return value instanceof Map ? [{ ...config, value }] : [];
}
