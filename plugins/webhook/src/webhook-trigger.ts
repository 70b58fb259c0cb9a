import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Attempt, AttemptOutcome, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import got, { type Got, type Request, type RequestError } from 'got';
import { describeBody, evidenceBytes } from './body-evidence.js';
import { failureReason, hostAndPort } from './failure-reason.js';
import { type ReceiverConnection, ReceiverConnections } from './receiver-connections.js';
import { readBody } from './response-body.js';
import { parseRetryAfter } from './retry-after.js';
import { verdictOf } from './status-verdict.js';
import { version } from './version.js';
import { describeUrl, type WebhookConfig } from './webhook-config.js';

/** What is read of an accepted attempt's body, so that a receiver which is still answering is not cut off. */
const drainedBytes = 64 * 1024;

/** How long that may take: a body that never ends must not hold a connection for ever. */
const drainPatienceMs = 1_000;

/** What is read of a failed attempt's body: compressed it may be longer than the evidence in it. */
const failedBodyBytes = 2 * evidenceBytes;

/** How long a failed attempt waits for the body: its outcome must be told well before the deadline ends it as a timeout. */
const evidencePatienceMs = 2000;

/** One configured webhook while its task runs, and the connections of its attempts. */
export class WebhookTrigger implements Trigger {
  readonly #config: WebhookConfig;
  readonly #environment: TriggerEnvironment;
  readonly #url: URL;
  readonly #connections: ReceiverConnections;
  readonly #client: Got;
  /** The accepted attempt whose body may still be read. One at a time: connections are not piled up. */
  #draining: Request | undefined;

  constructor(config: WebhookConfig, environment: TriggerEnvironment) {
    this.#config = config;
    this.#environment = environment;
    this.#url = new URL(config.url);
    this.#connections = new ReceiverConnections(this.#url.protocol, environment.clock);
    this.#client = oneRequestClient(environment.lookup);
  }

  async attempt(attempt: Attempt): Promise<AttemptOutcome> {
    const connection = await this.#connections.take();
    const request = this.#send(attempt, connection);
    const answer = await firstAnswer(request);
    if (answer instanceof Error) {
      if (!attempt.signal.aborted) this.#connections.failed(connection, answer.code);
      return { outcome: 'retry', reason: this.#whyNoAnswer(answer, attempt) };
    }
    if (verdictOf(answer.statusCode) === 'delivered') {
      // The last one is over by now, or its body is one that never ends.
      this.#draining?.destroy();
      this.#draining = request;
      void readBody(request, this.#environment.clock, { bytes: drainedBytes, patienceMs: drainPatienceMs });
      return { outcome: 'delivered' };
    }
    return this.#failed(request, answer, attempt);
  }

  async close(): Promise<void> {
    // Also ends what is still being drained.
    this.#connections.close();
  }

  #send(attempt: Attempt, { agents }: ReceiverConnection): Request {
    return this.#client.stream(this.#url, {
      agent: agents,
      method: this.#config.method ?? 'POST',
      headers: this.#headers(attempt),
      body: Buffer.from(attempt.payload),
      signal: attempt.signal,
    });
  }

  #headers({ idempotencyKey, epoch }: Attempt): Record<string, string> {
    const configured = Object.entries(this.#config.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
    return {
      'content-type': 'application/json',
      'user-agent': `aftercommit/${version}`,
      ...Object.fromEntries(configured),
      'webhook-id': idempotencyKey,
      'webhook-timestamp': String(Math.floor(this.#environment.clock.now() / 1000)),
      'aftercommit-epoch': String(epoch),
    };
  }

  async #failed(request: Request, answer: AnswerHead, attempt: Attempt): Promise<AttemptOutcome> {
    const { statusCode: status, headers } = answer;
    const patienceMs = Math.min(evidencePatienceMs, this.#remainingMs(attempt) / 2);
    const body = await readBody(request, this.#environment.clock, { bytes: failedBodyBytes, patienceMs });
    const answered = `HTTP ${status} from ${describeUrl(this.#config.url)}`;
    if (status >= 300 && status < 400) {
      return { outcome: 'rejected', reason: `${answered}: ${this.#redirect(headers.location)}` };
    }
    const text = await describeBody(body, headers);
    const reason = text === '' ? answered : `${answered}: "${text}"`;
    if (verdictOf(status) === 'rejected') return { outcome: 'rejected', reason };
    const retryAfterMs = parseRetryAfter(headers['retry-after'], this.#environment.clock.now());
    return { outcome: 'retry', reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }

  #redirect(location: string | undefined): string {
    const target =
      location !== undefined && URL.canParse(location, this.#config.url) ? new URL(location, this.#url) : undefined;
    const where = target === undefined || target.host === '' ? '' : ` (to ${target.host})`;
    return `redirects are not followed${where}. Configure the final URL`;
  }

  #whyNoAnswer(error: RequestError, attempt: Attempt): string {
    if (!attempt.signal.aborted) return failureReason(error.code, hostAndPort(this.#url));
    const target = describeUrl(this.#config.url);
    return this.#remainingMs(attempt) > 0
      ? `the attempt was ended before ${target} answered`
      : `no answer from ${target} within the timeout`;
  }

  #remainingMs({ deadlineAt }: Attempt): number {
    return Math.max(0, deadlineAt - this.#environment.clock.now());
  }
}

/** A client whose one call is one request: whatever got would do by itself beyond that is off. */
function oneRequestClient(lookup: TriggerEnvironment['lookup']): Got {
  return got.extend({
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    https: { rejectUnauthorized: true },
    ...(lookup !== undefined && { dnsLookup: lookup }),
  });
}

/** The final status and the headers: what decides. */
type AnswerHead = { statusCode: number; headers: IncomingHttpHeaders };

/**
 * The answer as soon as its status is read, or the error that came before one. The listener for errors stays: what
 * goes wrong after the status (a body that breaks off, a drain that is ended) changes no outcome and must not crash.
 */
function firstAnswer(request: Request): Promise<AnswerHead | RequestError> {
  return new Promise((resolve) => {
    request.on('error', resolve);
    request.once('response', resolve);
    // A switch of protocols that nobody asked for. No response follows, and the connection is nobody's any more.
    request.once('upgrade', ({ headers }: IncomingMessage, socket: Socket) => {
      resolve({ statusCode: 101, headers });
      socket.destroy();
      request.destroy();
    });
  });
}
