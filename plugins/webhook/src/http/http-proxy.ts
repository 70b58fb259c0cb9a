import { type RequestOptions, request as requestOverHttp } from 'node:http';
import { request as requestOverHttps } from 'node:https';
import type { Socket } from 'node:net';
import { failureReason, hostAndPort } from './failure-reason.js';

/** Why a proxy opened no connection. The message names the proxy by host and port, and no credential. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code = 'PROXY_FAILED';
}

/** Where a connection goes. */
export type ProxiedTarget = { host: string; port: number };

/**
 * An HTTP proxy that is asked to CONNECT, and resolves the names. It stands on `node:http`, which reads a bounded head and
 * lets go of a connection for which nobody waits any more.
 */
export class HttpProxy {
  readonly #name: string;
  readonly #request: typeof requestOverHttp;
  readonly #options: RequestOptions;
  readonly #authorization: { 'proxy-authorization'?: string };

  /**
   * @param proxy An `http:` or `https:` URL; user and password are percent-encoded.
   * @param ca Certificates in PEM that an `https:` proxy has to be vouched for by. Undefined: those that Node knows.
   * @throws Error when it is none.
   */
  constructor(proxy: string, { ca }: { ca?: string } = {}) {
    const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
    if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
      throw new Error('The URL of the proxy does not parse, or is neither http nor https.');
    }
    const isSecure = url.protocol === 'https:';
    this.#name = `the proxy ${hostAndPort(url)}`;
    this.#request = isSecure ? requestOverHttps : requestOverHttp;
    this.#options = {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (isSecure ? 443 : 80),
      method: 'CONNECT',
      agent: false,
      // Its certificate is verified, too, whatever the environment says.
      ...(isSecure && { rejectUnauthorized: true, ...(ca !== undefined && { ca }) }),
    };
    this.#authorization = basicAuthorization(url);
  }

  /**
   * Opens a connection to the target through the proxy. Rejects with a ProxyError.
   *
   * @param signal Ends the opening. A connection that is open is no longer its business.
   */
  connect({ host, port }: ProxiedTarget, signal: AbortSignal): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
      const headers = { host: authority, ...this.#authorization };
      const request = this.#request({ ...this.#options, path: authority, headers });
      const fail = (reason: string): void => reject(new ProxyError(reason));
      const giveUp = (): void => {
        fail(`no answer from ${this.#name}`);
        request.destroy();
      };
      signal.addEventListener('abort', giveUp);
      request.once('close', () => signal.removeEventListener('abort', giveUp));
      request.on('error', ({ code = 'no code' }: NodeJS.ErrnoException) => fail(failureReason(code, this.#name)));
      request.once('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
        signal.removeEventListener('abort', giveUp);
        // Between two who listen.
        socket.on('error', () => undefined);
        if (statusCode >= 200 && statusCode < 300) {
          if (head.length > 0) socket.unshift(head);
          resolve(socket);
        } else {
          socket.destroy();
          fail(this.#refusal(statusCode, authority));
        }
      });
      if (signal.aborted) giveUp();
      else request.end();
    });
  }

  #refusal(status: number, authority: string): string {
    const answered = `${this.#name} answered HTTP ${status}`;
    if (status === 407) return `${answered}: it wants a user and a password, or others`;
    return `${answered}: it does not connect to ${authority}`;
  }
}

function basicAuthorization({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {};
  const credentials = [username, password].map(decoded).join(':');
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/** A percent sign that begins no escape is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
