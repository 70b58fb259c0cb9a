import { ownErrorCode } from '../errors/own-error.js';
import { UsageError } from '../errors/usage-error.js';
import { exitCodes } from '../exit-code.js';
import { StopRequest } from '../run/stop-request.js';
import { type CommandLineIo, isWatched } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { StatusChanges } from './status-changes.js';
import type { StatusDisplay } from './status-display.js';
import { StatusScreen } from './status-screen.js';
import { StatusSnapshots } from './status-snapshots.js';
import type { StatusView } from './status-view.js';

/**
 * Looks again and again, until it is told to end. What cannot be read for a moment, the spec included, is said, and looked at again; the first time it
 * ends the command, as without `--watch`: a name may be mistyped.
 *
 * @param everyMs How long to wait from one look to the next.
 * @returns The exit code.
 */
export async function watchStatus(
  look: () => Promise<StatusView>,
  everyMs: number,
  io: CommandLineIo,
  outputs: Outputs,
): Promise<number> {
  const first = await look();
  const display = displayFor(everyMs, io, outputs);
  const stop = new StopRequest(io, () => undefined);
  // Nobody reads any more what it prints: it ends.
  outputs.stdout.closed.addEventListener('abort', () => stop.stop(), { once: true });
  try {
    display.show(first);
    for (;;) {
      await io.clock.sleep(everyMs, stop.signal);
      if (stop.signal.aborted) return exitCodes.done;
      await lookOnce(look, display);
    }
  } finally {
    stop.release();
  }
}

async function lookOnce(look: () => Promise<StatusView>, display: StatusDisplay): Promise<void> {
  try {
    display.show(await look());
  } catch (error) {
    if (!(error instanceof UsageError) && ownErrorCode(error) === undefined) throw error;
    display.showTrouble(error);
  }
}

function displayFor(everyMs: number, io: CommandLineIo, outputs: Outputs): StatusDisplay {
  if (outputs.isJson) return new StatusChanges(outputs, io.env);
  return isWatched(outputs.stdout.stream, io.env)
    ? new StatusScreen(outputs, io, everyMs)
    : new StatusSnapshots(outputs, io);
}
