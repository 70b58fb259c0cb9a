import type { LookupFunction } from 'node:net';
import type { ConfigIssue, JsonObject, Window } from '@aftercommit/models';
import type { Static, TObject } from 'typebox';

/**
 * A kind of trigger: what is done when a transaction commits. This file is all that the author of a kind reads.
 *
 * The work is divided so that a kind stays small: the core decides when there is an attempt, renders and checks the
 * payload, counts, waits, times out, stores and clears. A kind makes ONE attempt and says how it went. It never
 * retries by itself, keeps no state of its own between attempts that it could not lose, and never logs a secret.
 *
 * Export a kind as a value made by `defineTriggerKind`, and hand it to a `TriggerKindRegistry`.
 */
export interface TriggerKind<Schema extends TObject = TObject> {
  /**
   * The contract this kind was written for. A literal, not a version range: a registry that knows another contract
   * refuses the kind by name at start, instead of failing somewhere inside the first delivery.
   */
  readonly contractVersion: 1;

  /** What a configuration calls it: lower-case letters, digits and hyphens, unique in a registry. */
  readonly kind: string;

  /**
   * The kind's own fields, beside those every trigger has (`kind name payloadTemplate timeout maxAttempts interval
   * onFailure`, which may not be declared again). Closed: give it `additionalProperties: false`, or leave that out
   * and it is added. Give every field a title and a description, which editors show. Annotate with `secret: true` what
   * must be sealed and never shown. Give defaults in the schema: a field with one may be left out, and the configuration
   * a kind receives has it filled in. Only the fields count, and of which ones exactly one is needed:
   * `oneOf: [{ required: ['url'] }, { required: ['secretUrl'] }]`. What else is said across them belongs into `validate`. No
   * `$ref`, `if`, `not` or `prefixItems`: secrets behind them would not be found.
   */
  readonly configSchema: Schema;

  /**
   * What a schema cannot say of a configuration that already matches it, such as a URL that does not parse. Every
   * issue at once; pointers are relative to the trigger (`/url`). No input or output, no clock. A sealed value is
   * absent here, so check what is there and nothing else. A kind that reaches hosts asks `egress.refusal` about each that
   * is configured. Undefined: the schema says it all.
   */
  validate?(config: Static<Schema>, given: { egress: Egress }): KindIssue[];

  /**
   * Where deliveries go, for people and logs: scheme and host (`https://hooks.slack.com`). Never a path, a query or
   * a credential: they can be tokens. Also called with a configuration whose secret values are absent, and a trigger without a
   * name is named after what is said then.
   */
  describeTarget(config: Static<Schema>): string;

  /**
   * What a template sees beside the window's variables, such as `headers`. A name of a window's variable is refused.
   * Undefined: nothing.
   */
  templateContext?(config: Static<Schema>): JsonObject;

  /**
   * The template of triggers that are configured without one, which is then allowed: a service whose payload hardly varies
   * has a sensible one. Checked as any template is when a trigger uses it. Undefined: every trigger of the kind needs its own.
   */
  readonly defaultPayloadTemplate?: string;

  /** Prepares what attempts share (connections, agents). Contacts nobody: opening must work while the receiver is down. */
  open(config: Static<Schema>, environment: TriggerEnvironment): Promise<Trigger>;
}

/** A trigger kind's view of one configured trigger while its task runs. Opened once per session, closed with it. */
export interface Trigger {
  /**
   * Makes ONE attempt to have exactly `payload`'s UTF-8 bytes accepted, and says how it went.
   *
   * Throwing means `retry`. Reasons are for people: say what the receiver answered; secret values in them are scrubbed
   * by the core before anybody sees them. When `signal` aborts, give up at once and settle: the core does not wait,
   * and it ignores what comes later.
   */
  attempt(attempt: Attempt): Promise<AttemptOutcome>;

  /**
   * Releases what `open` took. Called once, when no attempt is waited for any more: each settled, or ignored its signal.
   * Undefined: there is nothing to release.
   */
  close?(): Promise<void>;
}

/** One try to have one payload accepted. */
export type Attempt = {
  /** The stable name of the delivery: the same for all its attempts, also after a restart. Pass it on to the receiver. */
  idempotencyKey: string;
  /** Counts from 1; begins again at 1 when a restart begins a new round of a delivery that had failed. */
  number: number;
  /** The rendered payload: JSON. */
  payload: string;
  /** What the payload was rendered from, for kinds that put facts elsewhere than into the payload. */
  variables: Window;
  /** The epoch of the session: of two attempts of one delivery the one with the higher epoch is the newer session's. */
  epoch: bigint;
  /** Aborts at the deadline, and when the session is lost. */
  signal: AbortSignal;
  /** When the attempt is over, in milliseconds since the Unix epoch, by the environment's clock. */
  deadlineAt: number;
  /**
   * The attempt in the host's trace, as W3C Trace Context writes it: `00-<32 hex digits>-<16>-<2>`. Pass it on to the receiver, by
   * its own name `traceparent` where there are names. Undefined: nobody traces.
   */
  traceparent?: string | undefined;
  /**
   * A test: a person asked for this one attempt, to see whether it arrives. Its key begins with `test_`, its epoch is 0, nothing of it is
   * stored, and no other follows. Make it as any other, and let the receiver see what it is, by a header `aftercommit-test: true`
   * where there are headers. Undefined: a delivery in earnest.
   */
  isTest?: true | undefined;
};

/**
 * How an attempt ended. A union rather than error classes, because a kind and the core may hold different copies of
 * this package.
 *
 * - `delivered`: the receiver accepted the payload. It is never sent again unless the process dies before it is noted. `answer`
 *   is what the receiver said, for people, such as `HTTP 204`; whoever asked for a test is shown it, and nobody else. Undefined:
 *   nothing worth telling.
 * - `retry`: it may work later. `retryAfterMs` is the wait the receiver asked for, in milliseconds; undefined: none.
 * - `rejected`: it will not work until somebody changes something.
 */
export type AttemptOutcome =
  | { outcome: 'delivered'; answer?: string }
  | { outcome: 'retry'; reason: string; retryAfterMs?: number }
  | { outcome: 'rejected'; reason: string };

/** What a kind may use of the outside world. Everything else (sockets, files) is its own business. */
export type TriggerEnvironment = {
  clock: Clock;
  random: Random;
  /** What the operator lets triggers reach. Every connection of a kind is made by it. */
  egress: Egress;
  /** Messages for the operator; secret values are scrubbed on the way. */
  logger: Logger;
};

/**
 * What the operator lets triggers reach: a specification is data, and whoever writes it must not reach from here what he
 * cannot reach himself. `egressGuard` makes one. A kind that connects to a host
 *
 * 1. asks `refusal` of the host before it connects, because sockets look up names only, and never literal addresses;
 * 2. gives `lookup` to the socket, the request or the client; one that takes none is given an address that `lookup` gave;
 * 3. goes through `proxy`, or refuses to be opened when there is one and it cannot.
 *
 * What is refused is `rejected`, with the message as its reason: it will not work until somebody changes something. An error
 * of a socket or a client is one of `lookup` when `EgressError.is` says so.
 */
export interface Egress {
  /**
   * Why this host may not be reached, as a sentence; undefined: nothing is known against it. Judges literal addresses, and
   * names by themselves. No input or output.
   *
   * @param host A name or an address, as `URL.hostname` gives it: `[::1]` and `::1` alike.
   */
  refusal(host: string): string | undefined;
  /**
   * Resolves host names, as `dns.lookup` does. Fails with an `EgressError` when one address of the name is not allowed, so
   * that a name which changes its addresses in between (DNS rebinding) reaches nothing that a literal one would not.
   */
  readonly lookup: LookupFunction;
  /**
   * The HTTP proxy through which everything goes: an `http:` or `https:` URL, with a password perhaps. It resolves the names:
   * ask `refusal` about the receiver, and connect to the proxy without `lookup`, since its host is the operator's own choice
   * and may be private. Undefined: none.
   */
  readonly proxy?: string | undefined;
}

/** Time, given as an argument so that a run can be replayed. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May step in both directions. */
  now(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number;
  /**
   * Resolves after `durationMs` (any length, also beyond 2^31 - 1) and after what had arrived by then was read, or at
   * once, without an error, when the signal aborts: whoever sleeps looks at the signal afterwards.
   */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness, given as an argument so that a run can be replayed. */
export interface Random {
  /** At least 0 and below 1. */
  fraction(): number;
  /** A text nobody has seen before: 32 hex digits. */
  id(): string;
}

/** Structured messages: a text for people and fields for programs. */
export interface Logger {
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
}

/** An issue as a kind reports it: what the core adds is the trigger's name and the pointer to the trigger. */
export type KindIssue = Pick<ConfigIssue, 'severity' | 'pointer' | 'message'>;

/**
 * Types a kind from its schema and checks nothing else: a registry does that, at start, where it can name the kind.
 *
 * ```ts
 * export const log = defineTriggerKind({
 *   contractVersion: 1,
 *   kind: 'log',
 *   configSchema: Type.Object({
 *     prefix: Type.String({ title: 'Prefix', description: 'What each line begins with.', default: 'committed' }),
 *   }),
 *   describeTarget: () => 'log:',
 *   async open(config, { logger }) {
 *     return {
 *       async attempt({ payload }) {
 *         logger.info(`${config.prefix}: ${payload}`);
 *         return { outcome: 'delivered' };
 *       },
 *     };
 *   },
 * });
 * ```
 */
export function defineTriggerKind<Schema extends TObject>(kind: TriggerKind<Schema>): TriggerKind<Schema> {
  return kind;
}
