import { runTransactions } from './commit-loop.js';
import { ConnectedEndpoint } from './connected-endpoint.js';
import { Interruption } from './interruption.js';
import type { MaterializationEnd, MaterializationOptions, TransactionLimits } from './materialization-options.js';
import { SessionError } from './session-error.js';
import type { SessionEvent } from './session-event.js';
import { SourceInput } from './source-input.js';
import { standardErrorLogger, systemClock } from './system-environment.js';
import { TriggerSession } from './trigger-session.js';

/**
 * Keeps an endpoint's tables up to date with collections, transaction by transaction, and fires the triggers of each one
 * when it has committed. Runs until the sources end and everything due is delivered, or until it is stopped.
 *
 * @throws The first error: SourceError, ConnectorError, SessionError, StoreError, DeliveryError, TriggerError, or what a
 *   source or connector of one's own threw. What was committed is kept, and so is what is to be delivered: run it again.
 */
export async function materialize(options: MaterializationOptions): Promise<MaterializationEnd> {
  const story = new Story(options);
  const endpoint = new ConnectedEndpoint(options.connector, options.bindings);
  const session = await open(options, endpoint, story);
  const failed = new Interruption(options.stop);
  session.failed.addEventListener('abort', () => failed.fail(session.failed.reason), { once: true });
  if (session.failed.aborted) failed.fail(session.failed.reason);
  let input: SourceInput | undefined;
  try {
    const { bindings, sources, connector } = options;
    input = new SourceInput(bindings, sources, session.position, failed.condition);
    warnOfEmptyResources(options, endpoint, input);
    const limits = limitsOf(options.transactions ?? {});
    const { clock = systemClock, logger = standardErrorLogger } = options.environment ?? {};
    const { materialization, drainIntervals = false } = options;
    const loop = {
      session,
      connector,
      endpoint,
      input,
      bindings,
      limits,
      clock,
      logger,
      materialization,
      drainIntervals,
    };
    const isComplete = await runTransactions({ ...loop, interruption: failed });
    await release(options, input);
    await session.close();
    return { isComplete, ...story.left };
  } catch (error) {
    // The first error is the reason; that something cannot be released after it is no news.
    await Promise.allSettled([session.fail(error), release(options, input)]);
    throw session.failed.reason;
  }
}

const nothingLeft = { waiting: {}, parked: {}, stuck: [] };

/** What happened so far, as it was told. */
class Story {
  readonly #options: MaterializationOptions;
  left: Omit<MaterializationEnd, 'isComplete'> = nothingLeft;

  constructor(options: MaterializationOptions) {
    this.#options = options;
  }

  readonly tell = (event: SessionEvent): void => {
    if (event.event === 'ended') this.left = { waiting: event.waiting, parked: event.parked, stuck: event.stuck };
    this.#options.observe?.(event);
  };

  /** There never was a session that could tell it. */
  tellFailedOpening(error: unknown): void {
    const { materialization, environment } = this.#options;
    const at = new Date((environment?.clock ?? systemClock).now()).toISOString();
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'UNEXPECTED';
    const reason = error instanceof Error ? error.message : String(error);
    this.tell({ event: 'failed', at, materialization, code, reason });
    this.tell({ event: 'ended', at, materialization, ...nothingLeft });
  }
}

async function open(
  options: MaterializationOptions,
  endpoint: ConnectedEndpoint,
  story: Story,
): Promise<TriggerSession> {
  try {
    return await TriggerSession.openWith({ ...options, observe: story.tell }, endpoint);
  } catch (error) {
    await Promise.allSettled([options.connector.close()]);
    story.tellFailedOpening(error);
    throw error;
  }
}

async function release({ connector }: MaterializationOptions, input: SourceInput | undefined): Promise<void> {
  const released = await Promise.allSettled([input?.close(), connector.close()]);
  for (const result of released) if (result.status === 'rejected') throw result.reason;
}

function limitsOf({
  maxDocs = 10_000,
  maxDurationMs = 1_000,
  minDurationMs = 0,
}: TransactionLimits): Required<TransactionLimits> {
  if (!Number.isSafeInteger(maxDocs) || maxDocs < 1) {
    throw new SessionError('SESSION_ARGUMENT_INVALID', `maxDocs must be a whole number from 1 on, not ${maxDocs}.`);
  }
  return { maxDocs, maxDurationMs, minDurationMs: Math.min(minDurationMs, maxDurationMs) };
}

/** What a person removed from a resource is not read again: whoever wanted that has to hear it. */
function warnOfEmptyResources(options: MaterializationOptions, endpoint: ConnectedEndpoint, input: SourceInput): void {
  const { logger = standardErrorLogger } = options.environment ?? {};
  for (const [index, { collection, resourcePath, isDelta }] of options.bindings.entries()) {
    if (isDelta || !endpoint.newBindings.has(index) || !input.wasRead(index)) continue;
    logger.warn(
      `${options.materialization}: ${resourcePath.join('.')} is empty, although documents of ${collection} were stored ` +
        'in it. They are not read again, only what follows.',
    );
  }
}
