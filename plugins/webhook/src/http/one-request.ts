import { type ClientRequest, type IncomingMessage, request as requestOverHttp } from 'node:http';
import { type RequestOptions, request as requestOverHttps } from 'node:https';
import type { Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import type { ReceiverConnection } from './receiver-connections.js';

/** What one request is made of. */
export type RequestParts = {
  method: string;
  path: string;
  /** Names and values in turn, `host` and `content-length` among them: nothing but `connection` is added. */
  headers: string[];
  body: Uint8Array | undefined;
};

/** The final status and headers, whose body is still to be read. */
export type Answer = { request: ClientRequest; response: IncomingMessage };

/** Why there is no answer: code and message of the connection's error. The message may quote the request. */
export type ConnectionError = { code: string; message: string };

/** Sends single requests to one host. Nothing is retried, redirected, decompressed or kept as a cookie. */
export class OneRequest {
  readonly #options: RequestOptions;

  /** @param options How the connection is made: `lookup`, and what TLS is spoken with. */
  constructor(url: URL, options: RequestOptions) {
    this.#options = { ...urlToHttpOptions(url), ...options };
  }

  /**
   * Resolves as soon as the status decides, or with the error that came before one; rejects only a path that cannot be
   * sent. Informational answers are passed over.
   *
   * @param signal Ends the request, and what is still read of its answer.
   */
  send(connection: ReceiverConnection, { method, path, headers, body }: RequestParts, signal: AbortSignal) {
    return new Promise<Answer | ConnectionError>((resolve) => {
      const request = this.#request({ method, path, headers: byName(headers), agent: connection.agent });
      const end = (): void => {
        request.destroy();
        connection.giveUp();
      };
      signal.addEventListener('abort', end);
      request.once('close', () => signal.removeEventListener('abort', end));
      // Listened to for good: what goes wrong after the status changes no outcome and must not crash.
      request.on('error', (error: NodeJS.ErrnoException) => {
        resolve({ code: error.code ?? error.name, message: error.message });
      });
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

  #request(parts: RequestOptions): ClientRequest {
    const options = { ...this.#options, ...parts };
    return this.#options.protocol === 'http:' ? requestOverHttp(options) : requestOverHttps(options);
  }
}

/**
 * Headers as an object. Node takes the list as well; but what instruments its client from outside, as OpenTelemetry does, takes it
 * for an object, and sends its positions as names. Without a prototype: any name is a name.
 */
function byName(headers: readonly string[]): Record<string, string> {
  const named: Record<string, string> = Object.create(null);
  for (let index = 0; index < headers.length; index += 2) named[headers[index] ?? ''] = headers[index + 1] ?? '';
  return named;
}
