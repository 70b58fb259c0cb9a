import { dirname, resolve } from 'node:path';
import type { OrderedObject } from '@aftercommit/secrets';
import { isSealed } from '../spec/held-config.js';
import type { SpecPath } from '../spec/issue-collector.js';
import { parseSpec } from '../spec/parse-spec.js';
import { connectors, readText } from '../spec-file.js';
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
 * @param specPath Of a spec that is free of errors; relative to `cwd`.
 */
export function specConfigs(specPath: string, cwd: string): SpecConfig[] {
  const path = resolve(cwd, specPath);
  const { root = {}, orderedAt } = parseSpec(readText(path, specPath), specPath);
  return configPlaces(root, connectors).flatMap((place): SpecConfig[] => {
    const of = { place, label: labelOf(place) };
    const { value, materialization } = place;
    if (typeof value !== 'string') {
      const file = { name: specPath, path };
      return asConfig({ ...of, file, pathInFile: place.path, isSealed: isSealed(value) }, orderedAt(place.path));
    }
    const file = { name: value, path: resolve(dirname(path), value) };
    const own = parseSpec(readText(file.path, value), value, { file: value, materialization });
    return asConfig({ ...of, file, pathInFile: [], isSealed: isSealed(own.root) }, own.orderedAt([]));
  });
}

function asConfig(config: Omit<SpecConfig, 'value'>, value: unknown): SpecConfig[] {
  return value instanceof Map ? [{ ...config, value }] : [];
}
