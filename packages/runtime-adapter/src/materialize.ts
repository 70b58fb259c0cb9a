import { runTransactions } from './commit-loop.js';
import { ConnectedEndpoint } from './connected-endpoint.js';
import { Interruption } from './interruption.js';
import { checkedArguments } from './materialization-arguments.js';
import type { MaterializationEnd, MaterializationOptions } from './materialization-options.js';
import { MaterializationStory } from './materialization-story.js';
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
  const story = new MaterializationStory(options);
  const endpoint = new ConnectedEndpoint(options.connector, options.bindings);
  const session = await openSession(options, endpoint, story);
  const interruption = new Interruption(options.stop);
  session.failed.addEventListener('abort', () => interruption.fail(session.failed.reason), { once: true });
  if (session.failed.aborted) interruption.fail(session.failed.reason);
  let input: SourceInput | undefined;
  try {
    const { materialization, bindings, sources, connector } = options;
    const { clock = systemClock, logger = standardErrorLogger } = options.environment ?? {};
    const limits = checkedArguments(options);
    input = new SourceInput(bindings, sources, session.position, interruption.condition);
    warnOfRows(options, endpoint, input);
    const loop = {
      session,
      connector,
      endpoint,
      input,
      bindings,
      limits,
      interruption,
      clock,
      logger,
      materialization,
      drainIntervals: options.drainIntervals ?? false,
    };
    const isComplete = await runTransactions(loop);
    await release(options, input);
    await session.close();
    return { isComplete, ...story.left };
  } catch (error) {
    // The first error is the reason; that something cannot be released after it is no news.
    await Promise.allSettled([session.fail(error), release(options, input)]);
    throw session.failed.reason;
  } finally {
    interruption.release();
  }
}

async function openSession(
  options: MaterializationOptions,
  endpoint: ConnectedEndpoint,
  story: MaterializationStory,
): Promise<TriggerSession> {
  try {
    // Before anything is opened: arguments that cannot be used must not fence a session that runs.
    checkedArguments(options);
    return await TriggerSession.openWith({ ...options, observe: story.tell }, endpoint);
  } catch (error) {
    await Promise.allSettled([closeConnector(options), story.tellFailedOpening(error)]);
    throw error;
  }
}

async function release(options: MaterializationOptions, input: SourceInput | undefined): Promise<void> {
  const released = await Promise.allSettled([input?.close(), closeConnector(options)]);
  for (const result of released) if (result.status === 'rejected') throw result.reason;
}

async function closeConnector({ connector }: MaterializationOptions): Promise<void> {
  await connector.close();
}

/** How far was read and what is there do not go together: not an error, and whoever did it has to hear it. */
function warnOfRows(options: MaterializationOptions, endpoint: ConnectedEndpoint, input: SourceInput): void {
  const { materialization } = options;
  const { logger = standardErrorLogger } = options.environment ?? {};
  for (const [index, { collection, resourcePath, isDelta = false }] of options.bindings.entries()) {
    const isEmpty = endpoint.newBindings.has(index);
    const name = `${materialization}: ${resourcePath.join('.')}`;
    if (isEmpty && !isDelta && input.wasRead(index)) {
      logger.warn(
        `${name} is empty, although documents of ${collection} were stored in it. They are not read again, only what ` +
          'follows.',
        { materialization, collection },
      );
    }
    if (!isEmpty && isDelta && !input.wasRead(index)) {
      logger.warn(`${name} has rows already, and ${collection} is read from its start: its documents are appended.`, {
        materialization,
        collection,
      });
    }
  }
}
