import type { PluginFailure } from '../kinds/plugin-failure.js';
import type { ParsedSpec } from './parse-spec.js';

/** How the plugins that a spec lists are taken. */
export type PluginReading = {
  /** Whether the operator allows them: a spec is data, and a plugin is a program. */
  areAllowed: boolean;
  /** Why some of them could not be loaded. */
  failures: readonly PluginFailure[];
};

/** The names of the plugins that a spec lists, allowed or not. What is wrong with them is among the issues. */
export function readPlugins({ root, issues }: ParsedSpec, { areAllowed, failures }: PluginReading): string[] {
  const plugins = root?.['plugins'];
  if (plugins === undefined || plugins === null) return [];
  if (!Array.isArray(plugins)) {
    const message = 'plugins must be a list of files and names of packages: write [./my-kind.js].';
    issues.error('CONFIG_INVALID', ['plugins'], message);
    return [];
  }
  const names = new Set<string>();
  for (const [index, name] of plugins.entries()) {
    if (typeof name === 'string') names.add(name);
    else issues.error('CONFIG_INVALID', ['plugins', index], 'A plugin must be a file or the name of a package.');
    for (const { plugin, code, message } of failures) {
      if (plugin === name) issues.error(code, ['plugins', index], message);
    }
  }
  if (names.size > 0 && !areAllowed) issues.error('PLUGIN_NOT_ALLOWED', ['plugins'], notAllowed([...names]), 'key');
  return [...names];
}

function notAllowed(names: readonly string[]): string {
  const flags = names.map((name) => `--plugin ${name}`).join(' ');
  const list = names.join(', ');
  return `A plugin is a program, and this spec asks for ${list}. Nothing of it was loaded. If you trust it, add --allow-plugins, or remove plugins from the spec and add ${flags}.`;
}
