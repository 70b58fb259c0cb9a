import { commandKind, isCommandError } from '@aftercommit/command';
import { type Egress, type TriggerKind, TriggerKindRegistry } from '@aftercommit/registry';
import { webhook } from '@aftercommit/webhook';
import { airflow } from '@aftercommit/webhook/airflow';
import { dbtCloud } from '@aftercommit/webhook/dbt-cloud';
import { githubDispatch } from '@aftercommit/webhook/github-dispatch';
import { slack } from '@aftercommit/webhook/slack';
import { UsageError } from '../errors/usage-error.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { KindOptions } from './kind-options.js';
import { operatorEgress } from './operator-egress.js';

/** The trigger kinds that a command knows, and what they may reach. */
export type InstalledKinds = {
  registry: TriggerKindRegistry;
  /** By name of the kind: the plugin that it comes from, as it was given. One that is built in has none. */
  plugins: ReadonlyMap<string, string>;
  egress: Egress;
};

/** A kind of a plugin. */
export type PluginKind = { kind: TriggerKind; plugin: string };

/**
 * What can stand under `kind` of a trigger without any plugin.
 *
 * @throws UsageError when an option means nothing.
 */
export function builtInKinds(options: KindOptions, { env }: Pick<CommandLineIo, 'env'>): InstalledKinds {
  const kinds = [webhook, slack, dbtCloud, githubDispatch, airflow, allowedCommands(options, env)];
  return {
    registry: new TriggerKindRegistry(kinds),
    plugins: new Map(),
    egress: operatorEgress(options, env),
  };
}

/** Those kinds, and others beside them, which are known to get along. */
export function withPlugins(
  { registry, plugins, egress }: InstalledKinds,
  added: readonly PluginKind[],
): InstalledKinds {
  return {
    registry: new TriggerKindRegistry([...registry.kinds, ...added.map(({ kind }) => kind)]),
    plugins: new Map([...plugins, ...added.map(({ kind, plugin }) => [kind.kind, plugin] as const)]),
    egress,
  };
}

/** Always there, so that a trigger of it is told what to do when nothing is allowed. */
function allowedCommands({ allowCommand: allow = [] }: KindOptions, environment: CommandLineIo['env']): TriggerKind {
  try {
    return commandKind({ allow, environment });
  } catch (error) {
    if (!isCommandError(error)) throw error;
    throw new UsageError(`${error.code}: ${error.message}`, { cause: error });
  }
}
