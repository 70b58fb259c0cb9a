import type { CommandLineIo } from '../terminal/command-line-io.js';
import { builtInKinds, type InstalledKinds, withPlugins } from './installed-kinds.js';
import type { KindOptions } from './kind-options.js';
import { PluginError, type PluginFailure } from './plugin-failure.js';

/** The plugins that a spec lists, and the folder that it is in, where they are looked up. */
export type ListedPlugins = { names: readonly string[]; directory: string };

/** The kinds, and why plugins of the spec could not be loaded: not one of their kinds is there then. */
export type LoadedKinds = { kinds: InstalledKinds; failures: readonly PluginFailure[] };

/** Whether something that is not built in may have to be loaded. */
export function asksForPlugins({ plugin = [], allowPlugins = false }: KindOptions): boolean {
  return plugin.length > 0 || allowPlugins;
}

/**
 * The built-in kinds, those of the plugins of the arguments, and, where that is allowed, those of the plugins that the spec
 * lists.
 *
 * @param listed Undefined: there is no spec.
 * @throws UsageError when another option means nothing.
 * @throws PluginError with everything that is wrong with plugins of the arguments.
 */
export async function loadKinds(
  options: KindOptions,
  io: Pick<CommandLineIo, 'cwd' | 'clock' | 'env'>,
  listed?: ListedPlugins,
): Promise<LoadedKinds> {
  const { plugin = [], allowPlugins = false } = options;
  const { cwd, clock } = io;
  const builtIn = builtInKinds(options, io);
  const given = plugin.map((name) => ({ name, folder: cwd }));
  const ofSpec = (allowPlugins ? (listed?.names ?? []) : []).map((name) => ({
    name,
    folder: listed?.directory ?? cwd,
  }));
  if (given.length + ofSpec.length === 0) return { kinds: builtIn, failures: [] };
  // What only plugins need is read only for them.
  const { loadPlugins } = await import('./load-plugins.js');
  const { kinds, failures } = await loadPlugins([...given, ...ofSpec], builtIn.registry, clock);
  const ofArguments = failures.filter(({ wanted }) => given.includes(wanted));
  if (ofArguments.length > 0) throw new PluginError(ofArguments);
  return { kinds: failures.length > 0 ? builtIn : withPlugins(builtIn, kinds), failures };
}
