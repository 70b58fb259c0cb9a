import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import type { Attempt, AttemptOutcome, Clock } from '@aftercommit/registry';
import { describeBody, evidenceBytes } from './body-evidence.js';
import { decodeBody } from './content-encoding.js';
import { originOf } from './failure-reason.js';
import type { Answer } from './one-request.js';
import { passOverBody, readBody } from './response-body.js';
import { parseRetryAfter } from './retry-after.js';

/** What is read of an accepted attempt's body, so that a receiver which is still answering is not cut off. */
const drainedBytes = 64 * 1024;

/** How long that may take: a body that never ends must not hold a connection for ever. */
const drainPatienceMs = 1_000;

/** What is read of a failed attempt's body: compressed it may be longer than the evidence in it. */
const failedBodyBytes = 2 * evidenceBytes;

/** How long a failed attempt waits for the body: its outcome must be told well before the deadline ends it as a timeout. */
const evidencePatienceMs = 2000;

/** The longest JSON that is read, compressed and not. */
const jsonBytes = 1024 * 1024;

/** A name has 253 characters at most; a port comes behind it. */
const longestHost = 260;

/** Where an answer comes from: the same for all of a receiver's. */
export type AnswerSource = {
  url: URL;
  clock: Clock;
  /** Told of the request whose body is read on in the background, or that none is. */
  drains(request: ClientRequest | undefined): void;
};

/** The status and headers of an answer, and its body: what `judge` or `json` takes of it. One of them is called, once. */
export class HttpAnswer {
  readonly status: number;
  /** Not to be quoted: a receiver may tell back what it was sent. */
  readonly headers: IncomingHttpHeaders;
  readonly #answer: Answer;
  readonly #source: AnswerSource;
  readonly #deadlineAt: number;
  readonly #isTest: boolean;

  constructor(answer: Answer, source: AnswerSource, { deadlineAt, isTest }: Pick<Attempt, 'deadlineAt' | 'isTest'>) {
    this.status = answer.response.statusCode ?? 0;
    this.headers = answer.response.headers;
    this.#answer = answer;
    this.#source = source;
    this.#deadlineAt = deadlineAt;
    this.#isTest = isTest === true;
  }

  /** How a reason begins: `HTTP 503 from https://example.com`. */
  get summary(): string {
    return `HTTP ${this.status} from ${originOf(this.#source.url)}`;
  }

  /** The attempt's outcome. Of one that was not accepted the body is read, as evidence; whatever becomes of it changes nothing. */
  judge(verdict: AttemptOutcome['outcome']): AttemptOutcome | Promise<AttemptOutcome> {
    if (verdict !== 'delivered') return this.#failed(verdict);
    this.passOver();
    return this.#isTest ? { outcome: 'delivered', answer: this.summary } : { outcome: 'delivered' };
  }

  /** Leaves the body to be read in the background, so that the connection can be used again. */
  passOver(): void {
    const { clock, drains } = this.#source;
    if (this.#answer.response.complete) {
      drains(undefined);
      passOverBody(this.#answer);
      return;
    }
    drains(this.#answer.request);
    void readBody(this.#answer, clock, { bytes: drainedBytes, patienceMs: drainPatienceMs });
  }

  /** The body's value. Undefined: it is no JSON in UTF-8, is longer than 1 MiB, or did not come before the deadline. */
  async json(): Promise<unknown> {
    const { clock } = this.#source;
    const body = await readBody(this.#answer, clock, { bytes: jsonBytes, patienceMs: this.#remainingMs() });
    const decoded = await decodeBody(body, this.headers, jsonBytes);
    if (!decoded.complete) return undefined;
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(decoded.bytes));
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  async #failed(verdict: 'retry' | 'rejected'): Promise<AttemptOutcome> {
    const { clock } = this.#source;
    const patienceMs = Math.min(evidencePatienceMs, this.#remainingMs() / 2);
    const body = await readBody(this.#answer, clock, { bytes: failedBodyBytes, patienceMs });
    if (verdict === 'rejected' && this.status >= 300 && this.status < 400) {
      return { outcome: 'rejected', reason: `${this.summary}: ${this.#redirect()}` };
    }
    const text = await describeBody(body, this.headers);
    const reason = text === '' ? this.summary : `${this.summary}: "${text}"`;
    if (verdict === 'rejected') return { outcome: 'rejected', reason };
    const retryAfterMs = parseRetryAfter(this.headers['retry-after'], clock.now());
    return { outcome: 'retry', reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }

  #redirect(): string {
    const { location } = this.headers;
    const { url } = this.#source;
    const target = location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    const host = target?.host ?? '';
    // What is longer is no name, and the receiver's way to say something else.
    const where = host === '' || host.length > longestHost ? '' : ` (to ${host})`;
    return `redirects are not followed${where}. Configure the final URL`;
  }

  #remainingMs(): number {
    return Math.max(0, this.#deadlineAt - this.#source.clock.now());
  }
}
