import type { ClientRequest } from 'node:http';
import type { Attempt, AttemptOutcome, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import { describeBody, evidenceBytes } from './body-evidence.js';
import { failureReason, hostAndPort } from './failure-reason.js';
import { type Answer, OneRequest, type RequestParts } from './one-request.js';
import { ReceiverConnections } from './receiver-connections.js';
import { passOverBody, readBody } from './response-body.js';
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
  readonly #requests: OneRequest;
  readonly #headers: readonly string[];
  /** The accepted attempt whose body may still be read. One at a time: connections are not piled up. */
  #draining: ClientRequest | undefined;

  constructor(config: WebhookConfig, environment: TriggerEnvironment) {
    this.#config = config;
    this.#environment = environment;
    this.#url = new URL(config.url);
    this.#connections = new ReceiverConnections(this.#url.protocol, environment.clock);
    this.#requests = new OneRequest(this.#url, environment.egress.lookup);
    this.#headers = constantHeaders(this.#url, config.headers ?? {});
  }

  async attempt(attempt: Attempt): Promise<AttemptOutcome> {
    if (attempt.signal.aborted) return { outcome: 'retry', reason: this.#whyNoAnswer('', attempt) };
    const connection = await this.#connections.take();
    const answer = await this.#requests.send(connection, this.#parts(attempt), attempt.signal);
    if ('code' in answer) {
      if (!attempt.signal.aborted) this.#connections.failed(connection, answer.code);
      return { outcome: 'retry', reason: this.#whyNoAnswer(answer.code, attempt) };
    }
    if (verdictOf(answer.response.statusCode ?? 0) !== 'delivered') return this.#failed(answer, attempt);
    this.#drain(answer);
    return { outcome: 'delivered' };
  }

  async close(): Promise<void> {
    // Also ends what is still being drained.
    this.#connections.close();
  }

  #parts({ idempotencyKey, epoch, payload }: Attempt): RequestParts {
    const body = Buffer.from(payload);
    const timestamp = String(Math.floor(this.#environment.clock.now() / 1000));
    const own = ['webhook-id', idempotencyKey, 'webhook-timestamp', timestamp, 'aftercommit-epoch', String(epoch)];
    const headers = [...this.#headers, ...own, 'content-length', String(body.length)];
    return { method: this.#config.method ?? 'POST', headers, body };
  }

  #drain(answer: Answer): void {
    // The last one is over by now, or its body is one that never ends.
    this.#draining?.destroy();
    this.#draining = undefined;
    if (answer.response.complete) {
      passOverBody(answer);
      return;
    }
    this.#draining = answer.request;
    void readBody(answer, this.#environment.clock, { bytes: drainedBytes, patienceMs: drainPatienceMs });
  }

  async #failed(answer: Answer, attempt: Attempt): Promise<AttemptOutcome> {
    const { statusCode: status = 0, headers } = answer.response;
    const patienceMs = Math.min(evidencePatienceMs, this.#remainingMs(attempt) / 2);
    const body = await readBody(answer, this.#environment.clock, { bytes: failedBodyBytes, patienceMs });
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

  #whyNoAnswer(code: string, attempt: Attempt): string {
    if (!attempt.signal.aborted) return failureReason(code, hostAndPort(this.#url));
    const target = describeUrl(this.#config.url);
    return this.#remainingMs(attempt) > 0
      ? `the attempt was ended before ${target} answered`
      : `no answer from ${target} within the timeout`;
  }

  #remainingMs({ deadlineAt }: Attempt): number {
    return Math.max(0, deadlineAt - this.#environment.clock.now());
  }
}

/** What every attempt sends, names and values in turn: the defaults, unless they are configured, and what is. */
function constantHeaders(url: URL, configured: Readonly<Record<string, string>>): string[] {
  const headers = new Map([
    ['host', url.host],
    ['content-type', 'application/json'],
    ['user-agent', `aftercommit/${version}`],
    ...Object.entries(configured).map(([name, value]) => [name.toLowerCase(), value] as const),
  ]);
  return [...headers].flat();
}
