import { type Clock, isRegistryError, TriggerKindRegistry } from '@aftercommit/registry';
import { exportedKinds, withoutKindText } from './exported-kinds.js';
import { importPlugin, type ModuleExports } from './import-plugin.js';
import type { PluginKind } from './installed-kinds.js';
import type { PluginFailure } from './plugin-failure.js';
import { faultOf } from './plugin-fault.js';
import { locatePlugin, type PluginProblem, type WantedPlugin } from './plugin-location.js';

/** The kinds of plugins, and what is wrong with plugins. A plugin with a failure has no kinds here. */
export type LoadedPlugins = { kinds: PluginKind[]; failures: Array<PluginFailure & { wanted: WantedPlugin }> };

/**
 * Loads plugins one after the other, in order, and collects everything that is wrong with them.
 *
 * @param builtIn The kinds that there are without any.
 */
export async function loadPlugins(
  plugins: readonly WantedPlugin[],
  builtIn: TriggerKindRegistry,
  clock: Clock,
): Promise<LoadedPlugins> {
  const loaded: LoadedPlugins = { kinds: [], failures: [] };
  for (const wanted of plugins) {
    const found = await kindsOf(wanted, clock);
    const problems = 'code' in found ? [found] : problemsOf(found, loaded.kinds, builtIn);
    loaded.failures.push(...problems.map((problem) => ({ ...problem, plugin: wanted.name, wanted })));
    if (!('code' in found) && problems.length === 0) loaded.kinds.push(...newOnes(found, loaded.kinds));
  }
  return loaded;
}

async function kindsOf(wanted: WantedPlugin, clock: Clock): Promise<PluginKind[] | PluginProblem> {
  const location = locatePlugin(wanted);
  if ('code' in location) return location;
  const imported = await importPlugin(location.url, wanted.name, clock);
  return 'code' in imported ? imported : kindsIn(imported.exports, wanted.name);
}

function kindsIn(exports: ModuleExports, plugin: string): PluginKind[] | PluginProblem {
  try {
    const kinds = exportedKinds(exports);
    if (kinds.length > 0) return kinds.map((kind) => ({ kind, plugin }));
    const message = `The plugin ${plugin} exports no trigger kind: ${withoutKindText(exports)}. Export one that defineTriggerKind of @aftercommit/registry made.`;
    return { code: 'PLUGIN_WITHOUT_KIND', message };
  } catch (error) {
    // What a module exports may be computed when it is looked at.
    return faultOf(error, plugin);
  }
}

/** What a registry would refuse, with the plugin that it comes from. */
function problemsOf(
  found: readonly PluginKind[],
  before: readonly PluginKind[],
  builtIn: TriggerKindRegistry,
): PluginProblem[] {
  return found.flatMap((one, index) => {
    const problem = brokenContract(one) ?? takenName(one, [...before, ...found.slice(0, index)], builtIn);
    return problem ?? [];
  });
}

function brokenContract({ kind, plugin }: PluginKind): PluginProblem | undefined {
  try {
    new TriggerKindRegistry([kind]);
    return undefined;
  } catch (error) {
    if (!isRegistryError(error)) return faultOf(error, plugin);
    return { code: error.code, message: `${error.message} It comes from the plugin ${plugin}.` };
  }
}

function takenName(
  { kind, plugin }: PluginKind,
  others: readonly PluginKind[],
  builtIn: TriggerKindRegistry,
): PluginProblem | undefined {
  const other = others.find((one) => one.kind.kind === kind.kind && one.kind !== kind);
  const isBuiltIn = builtIn.find(kind.kind) !== undefined;
  if (other === undefined && !isBuiltIn) return undefined;
  const origin = isBuiltIn ? 'one is built in' : `one comes from the plugin ${other?.plugin}`;
  const message = `Two trigger kinds are called "${kind.kind}": ${origin}, the other comes from the plugin ${plugin}. Leave one of them out, or rename yours.`;
  return { code: 'KIND_DUPLICATE', message };
}

/** A plugin that is asked for twice, or that passes on another one's kind, adds nothing the second time. */
function newOnes(found: readonly PluginKind[], before: readonly PluginKind[]): PluginKind[] {
  return found.filter(({ kind }) => !before.some((one) => one.kind === kind));
}
