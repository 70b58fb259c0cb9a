import { type TriggerKind, TriggerKindRegistry } from '@aftercommit/registry';
import { webhook } from '@aftercommit/webhook';

/** The trigger kinds that a command knows. */
export type InstalledKinds = {
  registry: TriggerKindRegistry;
  /** By name of the kind: the plugin that it comes from, as it was given. One that is built in has none. */
  plugins: ReadonlyMap<string, string>;
};

/** A kind of a plugin. */
export type PluginKind = { kind: TriggerKind; plugin: string };

/** What can stand under `kind` of a trigger without any plugin. */
export const builtInKinds: readonly TriggerKind[] = [webhook];

/** The built-in kinds, and those of plugins. They are known to get along. */
export function installKinds(added: readonly PluginKind[] = []): InstalledKinds {
  return {
    registry: new TriggerKindRegistry([...builtInKinds, ...added.map(({ kind }) => kind)]),
    plugins: new Map(added.map(({ kind, plugin }) => [kind.kind, plugin])),
  };
}
