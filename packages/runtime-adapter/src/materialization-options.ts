import type { AttemptSlots, CompiledTrigger, TraceAttempt } from '@aftercommit/delivery';
import type { Store } from '@aftercommit/persistence';
import type { Connector } from './connector.js';
import type { ObserveSession } from './session-event.js';
import type { TriggerSessionOptions } from './session-options.js';
import type { Source } from './source.js';
import type { Binding } from './transaction.js';

/** What `materialize` works with. */
export type MaterializationOptions = {
  /** Where runtime checkpoints and outboxes are. It stays open. */
  store: Store;
  /** The task: names it in the store, in every window and in messages. */
  materialization: string;
  /** The image of its connector. Undefined: `''`, the endpoint is not an image. */
  connectorImage?: string;
  /** Made for this call alone, and closed by it. */
  connector: Connector;
  /** In the order in which the connector counts them. */
  bindings: readonly MaterializationBinding[];
  /** Where the documents of each bound collection come from, by its name. */
  sources: ReadonlyMap<string, Source>;
  /** From `compileTriggers`. */
  triggers: readonly CompiledTrigger[];
  /** Default: each transaction reads up to 10,000 documents, or for a second. */
  transactions?: TransactionLimits;
  /** After `CHECKPOINT_DIVERGED` or `ENDPOINT_LOST_STAGING`: go on from what the endpoint has. Default false. */
  acceptEndpointCheckpoint?: boolean;
  /** No delivery waits out what an earlier run stored: receivers are known to be back. Default false. */
  retryNow?: boolean;
  /** How many attempts may be in flight at a time, shared with other tasks. Default: one for each trigger. */
  attemptSlots?: AttemptSlots;
  /** When the sources have ended, also what waits for its trigger's interval is waited for, and delivered. Default false. */
  drainIntervals?: boolean;
  /** Default: the machine's clock, randomness and resolver, and warnings to standard error. */
  environment?: NonNullable<TriggerSessionOptions['environment']>;
  /** Told of everything that happens, synchronously; what it throws ends the session. Default: nobody is told. */
  observe?: ObserveSession;
  /** Makes each attempt within a trace, and says what receivers are told of it. Default: nobody traces. */
  trace?: TraceAttempt;
  /**
   * Aborted: end gracefully. A transaction that is being read is given up whole, one that is being stored is committed, and
   * attempts in flight run to their deadline. Default: runs until the sources end.
   */
  stop?: AbortSignal;
};

/** A collection bound to a resource of the endpoint. */
export type MaterializationBinding = Binding & {
  /** The collection's key: JSON pointers, in order. */
  key: readonly string[];
  /**
   * How documents of one key are combined. `last`: the last one counts. `merge`: each is merged (RFC 7396) into what is
   * stored, which is looked up for that. Undefined: `last`.
   */
  reduce?: 'last' | 'merge';
  /** Every document is stored, none is combined and none is looked up. Undefined: false. */
  isDelta?: boolean;
};

/** When a transaction has read enough. */
export type TransactionLimits = {
  /** Documents of one transaction at most. Default 10,000. */
  maxDocs?: number;
  /** How long one transaction reads at most, in milliseconds. Default 1,000. */
  maxDurationMs?: number;
  /** How long one transaction waits at least for documents that may come, in milliseconds. Default 0. */
  minDurationMs?: number;
};

/** How a materialization ended without an error. */
export type MaterializationEnd = {
  /** Whether the sources came to their end; false: it was stopped before. */
  isComplete: boolean;
  /** How many windows each trigger leaves for the next run: of those that wait for their interval, and what was due when it was stopped. */
  waiting: Record<string, number>;
  /** How many deliveries of each trigger are parked, also by earlier runs. */
  parked: Record<string, number>;
  /** The triggers that could not park one more, and still hold it. */
  stuck: string[];
};
