import { dirname, resolve } from 'node:path';
import { isJsonObject } from '@aftercommit/models';
import { catalogNameProblem } from '../spec/catalog-name.js';
import type { Names } from './complete-words.js';

/** The names in the spec of a line that is being typed. Loads no plugin, and contacts nobody. */
export function namesFor(cwd: string): Names {
  return {
    kinds: async () => {
      const { builtInKinds } = await import('../kinds/installed-kinds.js');
      return builtInKinds({}, { env: {} }).registry.names;
    },
    materializations: async (specPath) => Object.keys(await materializationsOf(specPath, cwd)).filter(isName),
    triggers: async (specPath, wanted) => {
      if (specPath === undefined) return [];
      const all = Object.entries(await materializationsOf(specPath, cwd));
      const folder = dirname(resolve(cwd, specPath));
      const of = all.filter(([name]) => wanted === undefined || name === wanted);
      const triggers = await Promise.all(
        of.map(([, one]) => triggersIn(isJsonObject(one) ? one['triggers'] : null, folder)),
      );
      return [...new Set(triggers.flat())].filter(isName);
    },
  };
}

/**
 * Whether no letter of it means something to a shell, which puts it on the line as it is: of a spec of somebody else, `$(…)` would
 * be a command. Those of triggers have no other letters than those of materializations.
 */
function isName(name: string): boolean {
  return catalogNameProblem(name) === undefined;
}

async function materializationsOf(specPath: string | undefined, cwd: string): Promise<object> {
  if (specPath === undefined) return {};
  const spec = await yamlIn(resolve(cwd, specPath));
  const materializations = isJsonObject(spec) ? spec['materializations'] : undefined;
  return isJsonObject(materializations) ? materializations : {};
}

/** Those that have a name. Sealed ones have theirs in clear; what is in a file of its own is read there. */
async function triggersIn(given: unknown, folder: string): Promise<string[]> {
  const triggers = typeof given === 'string' ? await yamlIn(resolve(folder, given)) : given;
  const config = isJsonObject(triggers) ? triggers['config'] : undefined;
  if (isJsonObject(config)) return Object.keys(config);
  if (!Array.isArray(config)) return [];
  return config.flatMap((one) => (isJsonObject(one) && typeof one['name'] === 'string' ? [one['name']] : []));
}

/** Only what asks for names of a spec waits for a reader of YAML. */
async function yamlIn(file: string): Promise<unknown> {
  const { readYaml } = await import('./read-yaml.js');
  return readYaml(file);
}
