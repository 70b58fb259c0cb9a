import { type Egress, type TriggerKind, TriggerKindRegistry } from '@aftercommit/registry';
import { webhook } from '@aftercommit/webhook';
import { airflow } from '@aftercommit/webhook/airflow';
import { dbtCloud } from '@aftercommit/webhook/dbt-cloud';
import { githubDispatch } from '@aftercommit/webhook/github-dispatch';
import { slack } from '@aftercommit/webhook/slack';

/** The trigger kinds that a command knows, and what they may reach. */
export type InstalledKinds = {
  registry: TriggerKindRegistry;
  /** By name of the kind: the plugin that it comes from, as it was given. One that is built in has none. */
  plugins: ReadonlyMap<string, string>;
  egress: Egress;
};

/** A kind of a plugin. */
export type PluginKind = { kind: TriggerKind; plugin: string };

/** What can stand under `kind` of a trigger without any plugin. */
export const builtInKinds: readonly TriggerKind[] = [webhook, slack, dbtCloud, githubDispatch, airflow];

/** The built-in kinds, and those of plugins. They are known to get along. */
export function installKinds(egress: Egress, added: readonly PluginKind[] = []): InstalledKinds {
  return {
    registry: new TriggerKindRegistry([...builtInKinds, ...added.map(({ kind }) => kind)]),
    plugins: new Map(added.map(({ kind, plugin }) => [kind.kind, plugin])),
    egress,
  };
}
