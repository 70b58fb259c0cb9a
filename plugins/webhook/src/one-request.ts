import { type ClientRequest, type IncomingMessage, request as requestOverHttp } from 'node:http';
import { request as requestOverHttps } from 'node:https';
import type { Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import type { Egress } from '@aftercommit/registry';
import type { ReceiverConnection } from './receiver-connections.js';

/** What one request is made of. */
export type RequestParts = {
  method: string;
  /** Names and values in turn, `host` and `content-length` among them: nothing but `connection` is added. */
  headers: string[];
  body: Uint8Array;
};

/** The final status and headers, whose body is still to be read. */
export type Answer = { request: ClientRequest; response: IncomingMessage };

/** Why there is no answer: the code of the connection's error. */
export type NoAnswer = { code: string };

/** Sends single requests to one URL. Nothing is retried, redirected, decompressed or kept as a cookie. */
export class OneRequest {
  readonly #url: URL;
  readonly #lookup: Egress['lookup'];

  constructor(url: URL, lookup: Egress['lookup']) {
    this.#url = url;
    this.#lookup = lookup;
  }

  /**
   * Resolves as soon as the status decides, or with the error that came before one; never rejects. Informational answers
   * are passed over.
   *
   * @param signal Ends the request, and what is still read of its answer.
   */
  send(connection: ReceiverConnection, { method, headers, body }: RequestParts, signal: AbortSignal) {
    return new Promise<Answer | NoAnswer>((resolve) => {
      const request = this.#request({ method, headers, agent: connection.agent });
      const end = (): void => void request.destroy();
      signal.addEventListener('abort', end);
      request.once('close', () => signal.removeEventListener('abort', end));
      // Listened to for good: what goes wrong after the status changes no outcome and must not crash.
      request.on('error', (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? error.name }));
      request.once('response', (response: IncomingMessage) => {
        response.on('error', () => undefined);
        resolve({ request, response });
      });
      // A switch of protocols that nobody asked for. No response follows, and the connection is nobody's any more.
      request.once('upgrade', (response: IncomingMessage, socket: Socket) => {
        resolve({ request, response });
        socket.destroy();
        request.destroy();
      });
      // It may have aborted while a connection was waited for: then nothing is sent.
      if (signal.aborted) end();
      else request.end(body);
    });
  }

  #request(parts: { method: string; headers: string[]; agent: ReceiverConnection['agent'] }): ClientRequest {
    const lookup = { lookup: this.#lookup };
    const options = { ...urlToHttpOptions(this.#url), ...parts, ...lookup };
    if (this.#url.protocol === 'http:') return requestOverHttp(options);
    // Whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED).
    return requestOverHttps({ ...options, rejectUnauthorized: true });
  }
}
