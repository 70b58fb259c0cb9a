import type { CompiledTrigger } from '@aftercommit/delivery';
import type { JsonObject } from '@aftercommit/models';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';

/** A materialization of a spec that is free of errors: all that is needed to run it. */
export type MaterializationSpec = {
  name: string;
  /** `endpoint.connector.image`; `''`: the endpoint is no image. */
  connectorImage: string;
  /**
   * The connector and its configuration, defaults filled in. Undefined: an image or a command, for which no connector is
   * installed.
   */
  endpoint: { kind: ConnectorKind; config: JsonObject } | undefined;
  /** The spec says `shards: { disable: true }`: it is checked, and not run. */
  isDisabled: boolean;
  /** In the order of the spec, disabled ones left out. */
  bindings: BindingSpec[];
  /** The NDJSON patterns of each bound collection that has a source here. */
  sources: ReadonlyMap<string, readonly string[]>;
  transactions: { maxDocs: number; minDurationMs: number; maxDurationMs: number };
  triggers: CompiledTrigger[];
};

/** One collection bound to one resource of the endpoint. */
export type BindingSpec = {
  collection: string;
  /** The collection's key: JSON pointers. Empty only where no connector is installed and the collection is elsewhere. */
  key: readonly string[];
  reduce: Reduce;
  /** Defaults filled in where a connector is installed. */
  resource: JsonObject;
  /** The resource as its connector names it; empty where none is installed. */
  resourcePath: string[];
  isDelta: boolean;
};

/** How documents of one key are combined: the last one counts, or each is merged (RFC 7396) into what is stored. */
export type Reduce = 'last' | 'merge';
