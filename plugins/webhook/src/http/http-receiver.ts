import type { ClientRequest } from 'node:http';
import type { Attempt, AttemptOutcome, TriggerEnvironment } from '@aftercommit/registry';
import { failureReason, hostAndPort, originOf } from './failure-reason.js';
import { type AnswerSource, HttpAnswer } from './http-answer.js';
import { HttpProxy } from './http-proxy.js';
import { type ConnectionError, OneRequest } from './one-request.js';
import { type ReceiverConnection, ReceiverConnections } from './receiver-connections.js';
import type { RequestHeaders } from './request-headers.js';
import { verdictOf } from './status-verdict.js';
import { type TlsConfig, tlsOptions } from './tls-config.js';

/** How much of the time that is left a proxy may take to open a connection. */
const proxyShare = 3 / 4;

/** One request to a receiver. `host` and `content-length` are added, and nothing else. */
export type HttpRequest = {
  method: string;
  /** Path and query, percent-encoded: `/api/v2/jobs/7/run?x=y`. Undefined: those of the receiver's URL. */
  path?: string;
  headers: RequestHeaders;
  /** Undefined: none. */
  body?: Uint8Array;
};

/** Why there is no answer, as the outcome of the attempt. */
export type NoAnswer = Exclude<AttemptOutcome, { outcome: 'delivered' }>;

/**
 * One host that is spoken to over HTTP, and the connections to it. Every kind of this package stands on it: what is left
 * to a kind is its schema, what it sends, and what an answer means. For a kind whose answer's status says it all:
 *
 * ```ts
 * open: async ({ url, token }, environment) => {
 *   const receiver = new HttpReceiver(receiverUrl({ url }), environment);
 *   const headers = requestHeaders({ 'content-type': 'application/json', authorization: `Bearer ${token}` });
 *   return {
 *     attempt: (attempt) =>
 *       // Here a 409 says that it was there already.
 *       receiver.deliver(attempt, { method: 'POST', headers, body: Buffer.from(attempt.payload) }, (status) =>
 *         status === 409 ? 'delivered' : verdictOf(status),
 *       ),
 *     close: async () => receiver.close(),
 *   };
 * },
 * ```
 *
 * One that has to read answers, or to ask more than once, makes its requests one by one. All are under the attempt's one
 * deadline; the first that gets no answer, or a wrong one, ends the attempt:
 *
 * ```ts
 * const answer = await receiver.request(attempt, { method: 'GET', path: `/runs/${id}`, headers });
 * if ('outcome' in answer) return answer;
 * if (answer.status !== 200) return answer.judge(verdictOf(answer.status));
 * const run = await answer.json();
 * ```
 *
 * Nothing is retried, redirected or kept as a cookie. Reasons show scheme and host, and what the receiver wrote into its
 * body, which the core scrubs.
 */
export class HttpReceiver {
  readonly #url: URL;
  readonly #environment: TriggerEnvironment;
  readonly #hasProxy: boolean;
  readonly #connections: ReceiverConnections;
  readonly #requests: OneRequest;
  readonly #answers: AnswerSource;
  readonly #ownPath: string;
  /** The accepted attempt whose body may still be read. One at a time: connections are not piled up. */
  #draining: ClientRequest | undefined;

  /**
   * @param url One that `urlIssues` has no issue with.
   * @param tls What is particular about TLS with this receiver. Undefined: nothing.
   */
  constructor(url: URL, environment: TriggerEnvironment, tls?: TlsConfig) {
    const { lookup, proxy } = environment.egress;
    this.#url = url;
    this.#environment = environment;
    this.#hasProxy = proxy !== undefined;
    this.#connections = new ReceiverConnections(url.protocol, environment.clock, {
      proxy: proxy === undefined ? undefined : new HttpProxy(proxy),
    });
    this.#requests = new OneRequest(url, { lookup, ...(url.protocol === 'https:' && tlsOptions(tls)) });
    this.#answers = { url, clock: environment.clock, drains: (request) => this.#drains(request) };
    this.#ownPath = `${url.pathname}${url.search}`;
  }

  /**
   * Makes an attempt of one request, whose status decides as soon as it is there.
   *
   * @param verdict What a status means. Undefined: `verdictOf`.
   */
  async deliver(
    attempt: Attempt,
    request: HttpRequest,
    verdict: (status: number) => AttemptOutcome['outcome'] = verdictOf,
  ): Promise<AttemptOutcome> {
    const answer = await this.request(attempt, request);
    return 'outcome' in answer ? answer : answer.judge(verdict(answer.status));
  }

  /**
   * Makes one request of an attempt. Resolves as soon as the answer's status and headers are there; rejects only a path that
   * cannot be sent.
   */
  async request(attempt: Attempt, { method, path, headers, body }: HttpRequest): Promise<HttpAnswer | NoAnswer> {
    const { signal } = attempt;
    if (signal.aborted) return this.#noAnswer({ code: '', message: '' }, attempt);
    const refusal = this.#environment.egress.refusal(this.#url.hostname);
    if (refusal !== undefined) return { outcome: 'rejected', reason: refusal };
    const connection = await this.#connections.take();
    const proxyLimit = this.#hasProxy && !connection.isReused ? this.#limitProxy(connection, attempt) : undefined;
    const parts = {
      method,
      path: path ?? this.#ownPath,
      headers: {
        host: this.#url.host,
        ...headers,
        ...(body !== undefined && { 'content-length': String(body.length) }),
      },
      body,
    };
    const answer = await this.#requests.send(connection, parts, signal);
    proxyLimit?.abort('there is an answer');
    if ('code' in answer) {
      if (!signal.aborted) this.#connections.failed(connection, answer.code);
      return this.#noAnswer(answer, attempt);
    }
    return new HttpAnswer(answer, this.#answers, attempt);
  }

  /** Ends all connections, also what is still being read of an answer. */
  close(): void {
    this.#connections.close();
  }

  /** A proxy that does not answer is told of well before the deadline ends the attempt as the receiver's timeout. */
  #limitProxy(connection: ReceiverConnection, { deadlineAt }: Attempt): AbortController {
    const { clock } = this.#environment;
    const over = new AbortController();
    const patienceMs = Math.max(0, deadlineAt - clock.now()) * proxyShare;
    void clock.sleep(patienceMs, over.signal).then(() => {
      if (!over.signal.aborted) connection.giveUp();
    });
    return over;
  }

  #drains(request: ClientRequest | undefined): void {
    // The last one is over by now, or its body is one that never ends.
    this.#draining?.destroy();
    this.#draining = request;
  }

  #noAnswer({ code, message }: ConnectionError, { signal, deadlineAt }: Attempt): NoAnswer {
    if (!signal.aborted) {
      // The guard's own words: they name no more than the host.
      if (code === 'EGRESS_REFUSED') return { outcome: 'rejected', reason: message };
      const reason = code === 'PROXY_FAILED' ? message : failureReason(code, hostAndPort(this.#url));
      return { outcome: 'retry', reason };
    }
    const target = originOf(this.#url);
    const isOver = deadlineAt <= this.#environment.clock.now();
    const reason = isOver
      ? `no answer from ${target} within the timeout`
      : `the attempt was ended before ${target} answered`;
    return { outcome: 'retry', reason };
  }
}
