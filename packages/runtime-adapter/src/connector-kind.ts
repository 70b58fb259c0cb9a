import type { Logger } from '@aftercommit/registry';
import type { Static, TObject } from 'typebox';
import type { Connector } from './connector.js';

/**
 * A kind of connector, as a program that reads specs is given it: what may stand under `endpoint` and `resource`, and
 * how a connector is made of it. Nothing is discovered by itself.
 */
export interface ConnectorKind<Config extends TObject = TObject, Resource extends TObject = TObject> {
  /** What it is called under `endpoint`: lower-case, hyphenated. */
  readonly name: string;
  /** What stands below that name. Fields are annotated as those of trigger kinds are. */
  readonly configSchema: Config;
  /** What stands under `resource` of each binding. */
  readonly resourceSchema: Resource;
  /** The resource as its path, as windows name it: `['public', 'users']`. */
  resourcePath(resource: Static<Resource>): string[];
  /**
   * Equal for two bindings, of whatever materialization, that write to one resource of one endpoint: they would overwrite each
   * other's rows. Without secrets. Undefined: that is not known before they run.
   */
  resourceIdentity?(config: Static<Config>, resource: Static<Resource>): string;
  /** Whether every document is appended, none is combined and none is looked up. Undefined: never. */
  isDelta?(resource: Static<Resource>): boolean;
  /** A connector for one session. Contacts nobody: that is `Connector.open`. */
  connect(task: ConnectorTask<Static<Config>, Static<Resource>>): Connector;
}

/** What a connector is made for. */
export type ConnectorTask<Config, Resource> = {
  /** The name of the task. */
  materialization: string;
  /** What stands below the name of the kind, defaults filled in and secrets opened. */
  config: Config;
  /** In the order in which the connector counts them. */
  bindings: ReadonlyArray<{
    /** The collection's name. */
    collection: string;
    /** JSON pointers, in order. */
    key: readonly string[];
    /** What stands under `resource`, defaults filled in. */
    resource: Resource;
  }>;
  /** Where relative paths in the configuration begin: the folder of the spec. */
  directory: string;
  /** Messages for the operator. */
  logger: Logger;
};

/** Keeps the types of the schemas while a kind is written, and forgets them where kinds of all sorts are collected. */
export function defineConnectorKind<Config extends TObject, Resource extends TObject>(
  kind: ConnectorKind<Config, Resource>,
): ConnectorKind {
  return kind as unknown as ConnectorKind;
}
