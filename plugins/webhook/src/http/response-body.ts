import type { Clock } from '@aftercommit/registry';
import type { Answer } from './one-request.js';

/** The beginning of a body. `complete`: there is no more of it. */
export type BodyStart = { bytes: Uint8Array; complete: boolean };

/**
 * Reads a response's body as far as it is wanted. When it does not end within the limits its connection is destroyed.
 * Never fails: whatever happens to a body, the status has decided already.
 *
 * @param limits.bytes How much is read at most, give or take one chunk of the socket.
 * @param limits.patienceMs How long it may take, by the clock.
 */
export function readBody(
  { request, response }: Answer,
  clock: Clock,
  limits: { bytes: number; patienceMs: number },
): Promise<BodyStart> {
  return new Promise((resolve) => {
    const finished = new AbortController();
    const chunks: Uint8Array[] = [];
    let length = 0;
    const finish = (complete: boolean) => {
      // With a reason: without one an exception is made for each answer, for nobody.
      finished.abort('the body is read');
      resolve({ bytes: Buffer.concat(chunks), complete });
    };
    if (response.destroyed) {
      finish(false);
      return;
    }
    response.on('data', (chunk: Uint8Array) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= limits.bytes) request.destroy();
    });
    response.once('end', () => finish(true));
    response.once('close', () => finish(false));
    endWithAnswer({ request, response });
    void clock.sleep(limits.patienceMs, finished.signal).then(() => {
      if (!finished.signal.aborted) request.destroy();
    });
  });
}

/** Leaves a body that is there already unread. No clock is needed for that. */
export function passOverBody(answer: Answer): void {
  endWithAnswer(answer);
  answer.response.resume();
}

/** An answer before the whole payload was taken: nobody wants the rest. That it was taken may be told a moment later. */
function endWithAnswer({ request, response }: Answer): void {
  if (request.writableFinished) return;
  response.once('end', () => {
    setImmediate(() => {
      if (!request.writableFinished) request.destroy();
    });
  });
}
