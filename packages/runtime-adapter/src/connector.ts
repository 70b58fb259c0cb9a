import type { Document, Json } from '@aftercommit/models';
import type { Fence, WriteBatch } from '@aftercommit/persistence';

/**
 * What talks to an endpoint: keeps its tables up to date, transaction by transaction. Whoever implements it owes exactly
 * what stands here, and shows it with the conformance cases of `@aftercommit/testkit`.
 *
 * One object is one session: `open` comes first and once, `close` last. Between them, for each transaction:
 * `acknowledge` and `load` side by side, then `flush`, `store`, `startCommit`. What was stored becomes visible with the
 * transaction, all of it or nothing, never before `startCommit`.
 *
 * Any error that is thrown ends the session; the next one begins with `open`. An error after `startCommit` was called
 * means that the outcome is unknown.
 */
export interface Connector {
  /**
   * Who keeps the runtime checkpoint.
   *
   * - `endpoint`: the endpoint commits it in one transaction with the rows, at `startCommit`, and gives it back at `open`.
   * - `store`: the endpoint only has to make the rows durable beside its tables (a staging) at `startCommit`, and applies
   *   them at `acknowledge`, when the store has committed.
   */
  readonly runtimeCheckpointOwner: 'store' | 'endpoint';

  /**
   * Prepares the endpoint: makes resources that are missing, fences every session of a lower epoch, and says what is
   * there. From now on each commit of a lower epoch fails.
   *
   * Removes and applies nothing: the runtime may still refuse to go on, with or without a divergence, because the state is
   * the one that is wrong. A staging that nobody names now is named again when the right one is put back. It is
   * `acknowledge` that applies and removes.
   *
   * @throws ConnectorError `ENDPOINT_FENCED`, with the epoch that the endpoint has seen, for one below that. It is called
   *   once more, with a higher one, where the store shows that no later session is there: it has lost an opening.
   */
  open(from: OpenConnector): Promise<OpenedConnector>;

  /**
   * Everything that is committed becomes visible in the endpoint, and resolves when it is. Called first in each
   * transaction, also the first of a session, and so possibly twice for one commit: what is applied is not applied again.
   * After `startCommit` it is called only when the store has committed. A staging that has vanished since is an error,
   * `ENDPOINT_LOST_STAGING`.
   *
   * The first one of a session also says that the runtime goes on from what `open` found. In the transaction in which it
   * applies what `connectorState` names, it removes every other staging of a lower epoch, which nobody committed: so
   * nothing is ever applied behind a staging that is still there. After a divergence, which the operator accepted, it
   * forgets what did not fit. Where there is nothing to apply, remove or forget it writes nothing.
   *
   * An overtaken session applies what it finds of its own, which the store has committed, or fails; both are right. It never
   * touches what it neither staged nor was told of by `connectorState`: a staging of a higher epoch is its successor's.
   *
   * @returns A connector state to keep, if that changed; after an accepted divergence always one that replaces what is kept
   *   and names nothing. It becomes durable with the next write, which may never come.
   */
  acknowledge(): Promise<ConnectorProgress>;

  /**
   * Looks up what is stored under the keys. Called once per transaction, beside `acknowledge`: keys come as documents are
   * read, and may be taken at once, but nothing is answered before everything committed is applied.
   *
   * Keys that were never stored are not looked up. So nobody may put rows into a resource behind the runtime's back: they
   * would be overwritten, and not merged with.
   *
   * @returns The documents that are there, in any order, each once. A key without one is left out. When reading `keys` fails,
   *   so does this.
   */
  load(keys: AsyncIterable<BindingKey>): AsyncIterable<LoadedDocument>;

  /** No key follows; what was acknowledged is visible. Called before the first document is stored. */
  flush(): Promise<ConnectorProgress>;

  /**
   * Takes the transaction's documents: each key once, except for delta bindings. Nothing of it is visible yet. The host
   * changes none of them afterwards. When reading `documents` fails, so does this.
   */
  store(documents: AsyncIterable<StoreDocument>): Promise<void>;

  /**
   * Commits, if the endpoint owns the runtime checkpoint: rows and checkpoint in one transaction, guarded by the fence.
   * Otherwise makes the staging durable, under the transaction's random id and the epoch, and
   * returns a state that names it by both. The id alone does not name it: an overtaken session may have staged something
   * else under the same one.
   *
   * @param runtimeCheckpoint Opaque but for its `transactionId`: kept, and given back unchanged.
   * @param batch What the store is to commit, if `open` said `commitsBatch`: it is written in the same transaction (`writeWithin`
   *   of the store's package), or nothing of the transaction takes place. Undefined: the store commits it, later and by itself.
   * @throws ConnectorError `ENDPOINT_FENCED` when a later session was opened; StoreError when the store refuses the batch.
   */
  startCommit(runtimeCheckpoint: RuntimeCheckpointValue, batch?: WriteBatch): Promise<ConnectorProgress>;

  /**
   * Releases the endpoint. What is not committed is lost; what is staged stays. Also called after an error, twice, and
   * while an answer is awaited that nobody wants any more: that ends then.
   */
  close(): Promise<void>;
}

/** From where a connector goes on. */
export type OpenConnector = {
  /** Above that of every earlier session of the task. */
  epoch: bigint;
  /** What the store has as the last commit. Undefined: it has none. */
  runtimeCheckpoint?: RuntimeCheckpointValue;
  /** What the connector asked to have kept. Undefined: nothing so far. */
  connectorState?: Json;
  /**
   * The right to write with which this session has the task open in the store. An endpoint in which a batch with it can be
   * written is the store's own database: its owner is a random token, and known nowhere else. Undefined: that is not wanted.
   */
  fence?: Fence;
};

/** What a connector found at the endpoint. */
export type OpenedConnector = {
  /**
   * The runtime checkpoint that the endpoint last committed, unchanged; undefined: it has none. Whoever owns it, also one
   * that was left by the other way of running.
   */
  runtimeCheckpoint?: Json;
  /**
   * Bindings, by index, whose resources hold nothing: neither rows nor a staging that is still to be applied. What is
   * known to be new there is not looked up.
   */
  newBindings: ReadonlySet<number>;
  /**
   * The endpoint is the store's own database, and owns the runtime checkpoint: `startCommit` is given what the store is to
   * commit, and commits it in one transaction with the rows. Endpoint and store can then not differ, and there is nothing to
   * bring along after a crash. Undefined: false.
   */
  commitsBatch?: boolean;
  /**
   * The endpoint does not go with `connectorState`, and has no runtime checkpoint, by which the runtime would judge it:
   *
   * - `ENDPOINT_LOST_STAGING`: the state names a staging that is neither there nor the one that was applied last, whatever
   *   else was applied.
   * - `CHECKPOINT_DIVERGED`: the state names no staging, and one was applied.
   *
   * It is thrown after a fenced write has shown that this session may judge. Where the operator accepts what the endpoint
   * has, everything begins again instead: `acknowledge` follows as usual, forgets what did not fit, keeps the rows, and
   * returns a state that names nothing.
   */
  divergence?: Error;
};

/** The runtime checkpoint of a transaction. Opaque to connectors, but for what identifies the transaction. */
export type RuntimeCheckpointValue = Json & {
  /** Random: no other transaction has it. */
  transactionId: string;
};

/** What a connector asks to have kept. */
export type ConnectorState = {
  /** Opaque to the runtime. */
  updated: Json;
  /** Whether `updated` is merged into what is kept (RFC 7396), or replaces it. */
  mergePatch: boolean;
};

/** What an answer may carry. */
export type ConnectorProgress = {
  /** Kept in the store with the next write. Undefined: what is kept stays. */
  connectorState?: ConnectorState;
};

/** One component of a document's key. */
export type KeyValue = string | number | bigint | boolean;

/** A key to be looked up. */
export type BindingKey = {
  /** The index of the binding. */
  binding: number;
  /** The values at the collection's key, in its order. */
  key: readonly KeyValue[];
};

/** What is stored under a key. Its key is read from the document. */
export type LoadedDocument = {
  /** The index of the binding. */
  binding: number;
  /** The whole document. */
  document: Document;
};

/** What is to be stored under a key: the whole document, combined already. */
export type StoreDocument = BindingKey & {
  /** What is stored from now on, in place of what was. */
  document: Document;
};
