import { dirname, resolve } from 'node:path';
import type { InstalledKinds } from '../kinds/installed-kinds.js';
import { loadKinds } from '../kinds/load-kinds.js';
import { PluginError } from '../kinds/plugin-failure.js';
import { parseSpec } from '../spec/parse-spec.js';
import { readPlugins } from '../spec/read-plugins.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import { readText, type SpecArguments } from '../validate/spec-file.js';
import { readable } from './spec-configs.js';

/**
 * The kinds for a command that works on configurations of a spec, also while something else of it is wrong.
 *
 * @throws UsageError when the spec cannot be read without doubt, or lists plugins that are not allowed.
 * @throws PluginError when a plugin cannot be used.
 */
export async function kindsFor(
  given: SpecArguments,
  io: Pick<CommandLineIo, 'cwd' | 'clock' | 'env'>,
): Promise<InstalledKinds> {
  const { specPath, allowPlugins = false } = given;
  const path = resolve(io.cwd, specPath);
  const parsed = parseSpec(readText(path, specPath), specPath);
  const names = readPlugins(parsed, { areAllowed: allowPlugins, failures: [] });
  readable(parsed, specPath);
  const { kinds, failures } = await loadKinds(given, io, { names, directory: dirname(path) });
  if (failures.length > 0) throw new PluginError(failures);
  return kinds;
}
