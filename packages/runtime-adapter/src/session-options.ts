import type { AttemptSlots, CompiledTrigger, TraceAttempt } from '@aftercommit/delivery';
import type { Json } from '@aftercommit/models';
import type { Store } from '@aftercommit/persistence';
import type { Clock, Egress, Logger, Random } from '@aftercommit/registry';
import { SessionError } from './session-error.js';
import type { ObserveSession } from './session-event.js';
import type { Binding } from './transaction.js';

/** What a session works with. */
export type TriggerSessionOptions = {
  /** Where runtime checkpoints and outboxes are. It stays open. */
  store: Store;
  /** The task: names it in the store, in every window and in messages. */
  materialization: string;
  /** The image of its connector. Undefined: `''`, the endpoint is not an image. */
  connectorImage?: string;
  /** What transactions read, in the order in which `Transaction.add` counts them. */
  bindings: readonly Binding[];
  /** From `compileTriggers`. */
  triggers: readonly CompiledTrigger[];
  /**
   * For a host whose rows live in another database, and which writes the runtime checkpoint that `stage` returns in one
   * transaction with them: raises the host's own fence to the epoch, so that from then on every commit of a lower one
   * fails, and returns the runtime checkpoint that is there; undefined if there is none. Called after the store is open;
   * once, unless it throws a ConnectorError `ENDPOINT_FENCED` that names the epoch it has seen, and the store shows that
   * no later session is there. Leave it out when the store alone keeps the runtime checkpoint.
   */
  endpointCheckpoint?: (epoch: bigint) => Promise<Json | undefined>;
  /** After `CHECKPOINT_DIVERGED`: go on from what the endpoint has. Default false. */
  acceptEndpointCheckpoint?: boolean;
  /** No delivery waits out what an earlier session stored: receivers are known to be back. Default false. */
  retryNow?: boolean;
  /** How many attempts may be in flight at a time, shared with other sessions. Default: one for each trigger. */
  attemptSlots?: AttemptSlots;
  /**
   * Default: the machine's clock and randomness, `egressGuard()`, and warnings to standard error. Give the same `egress` to
   * `compileTriggers`: it finds at once what this would reject at the first delivery.
   */
  environment?: {
    /** Time and waiting. */
    clock?: Clock;
    /** Ids of transactions, owners, and the jitter of waits. */
    random?: Random;
    /** Messages for the operator, scrubbed of the triggers' secrets. */
    logger?: Logger;
    /** What triggers may reach. */
    egress?: Egress;
  };
  /** Told of everything that happens, synchronously; what it throws ends the session. Default: nobody is told. */
  observe?: ObserveSession;
  /** Makes each attempt within a trace, and says what receivers are told of it. Default: nobody traces. */
  trace?: TraceAttempt;
};

/**
 * Looks at what ends up in windows and keys, before anything is opened: a program that is not type-checked would store
 * it, and find out when a payload cannot be rendered.
 *
 * @throws SessionError `SESSION_ARGUMENT_INVALID`.
 */
export function assertOptions(options: Partial<Record<keyof TriggerSessionOptions, unknown>>): void {
  const { store, materialization, connectorImage = '', bindings, triggers } = options;
  if (typeof store !== 'object' || store === null) refuse('store', 'a store, such as SqliteStore.open(file)');
  if (typeof materialization !== 'string' || materialization === '') refuse('materialization', 'a name');
  if (typeof connectorImage !== 'string') refuse('connectorImage', 'a text');
  if (!Array.isArray(triggers) || !triggers.every(isCompiled)) refuse('triggers', 'what compileTriggers returned');
  if (!Array.isArray(bindings) || !bindings.every(isBinding)) {
    refuse('bindings', "a list of { collection: 'name', resourcePath: ['path', …] }");
  }
}

function refuse(option: string, wanted: string): never {
  throw new SessionError('SESSION_ARGUMENT_INVALID', `TriggerSession.open: ${option} must be ${wanted}.`);
}

function isCompiled(trigger: unknown): boolean {
  return typeof trigger === 'object' && trigger !== null && 'render' in trigger && 'identity' in trigger;
}

function isBinding(binding: unknown): boolean {
  if (typeof binding !== 'object' || binding === null) return false;
  const { collection, resourcePath }: Partial<Record<string, unknown>> = { ...binding };
  const isPath = Array.isArray(resourcePath) && resourcePath.every((part) => typeof part === 'string');
  return typeof collection === 'string' && collection !== '' && isPath;
}
