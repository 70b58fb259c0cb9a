import type { Attempt, AttemptOutcome, Logger, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import { HttpReceiver } from '../http/http-receiver.js';
import { receiverUrl } from '../http/receiver-url.js';
import type { RequestHeaders } from '../http/request-headers.js';
import { verdictOf } from '../http/status-verdict.js';
import type { DbtCloudConfig } from './dbt-cloud.js';
import { type DbtRun, isInProgress, readRuns } from './dbt-cloud-runs.js';
import { deliveryHeaders, presetHeaders } from './delivery-headers.js';
import { pathBelow } from './path-below.js';

/** How many of the newest runs are looked at: far more than a job has in its queue. */
const looksAt = 100;

/** The runs of one job. */
export class DbtCloudTrigger implements Trigger {
  readonly #config: DbtCloudConfig;
  readonly #receiver: HttpReceiver;
  readonly #path: string;
  readonly #headers: RequestHeaders;
  readonly #logger: Logger;

  constructor(config: DbtCloudConfig, environment: TriggerEnvironment) {
    const base = receiverUrl(config);
    this.#config = config;
    this.#receiver = new HttpReceiver(base, environment, config.tls);
    this.#path = pathBelow(base, `/api/v2/accounts/${config.account}`);
    this.#headers = presetHeaders({ accept: 'application/json', authorization: `Token ${config.token}` });
    this.#logger = environment.logger;
  }

  /** All requests of an attempt are under its one deadline; the first that fails ends it. */
  async attempt(attempt: Attempt): Promise<AttemptOutcome> {
    const runs = await this.#newestRuns(attempt);
    if ('outcome' in runs) return runs;
    if (runs.some(({ cause }) => cause.startsWith(attempt.idempotencyKey))) return { outcome: 'delivered' };
    const running = runs.filter(isInProgress);
    if (running.length > 0 && this.#config.mode === 'skip') {
      this.#logger.info(`job ${this.#config.job} of dbt Cloud is in progress: skipped`);
      return { outcome: 'delivered' };
    }
    if (this.#config.mode === 'replace') {
      const failure = await this.#cancel(running, attempt);
      if (failure !== undefined) return failure;
    }
    return this.#start(attempt);
  }

  async close(): Promise<void> {
    this.#receiver.close();
  }

  async #newestRuns(attempt: Attempt): Promise<DbtRun[] | AttemptOutcome> {
    const related = encodeURIComponent('["trigger"]');
    const query = `job_definition_id=${this.#config.job}&order_by=-id&limit=${looksAt}&include_related=${related}`;
    const path = `${this.#path}/runs/?${query}`;
    const answer = await this.#receiver.request(attempt, { method: 'GET', path, headers: this.#headersOf(attempt) });
    if ('outcome' in answer) return answer;
    if (answer.status !== 200) return answer.judge(refusalOf(answer.status));
    const runs = readRuns(await answer.json());
    return runs ?? { outcome: 'retry', reason: `${answer.summary}: its body is no list of runs` };
  }

  /** The first failure; undefined: none is in progress any more. */
  async #cancel(runs: readonly DbtRun[], attempt: Attempt): Promise<AttemptOutcome | undefined> {
    for (const { id } of runs) {
      const path = `${this.#path}/runs/${id}/cancel/`;
      const headers = this.#headersOf(attempt);
      const answer = await this.#receiver.request(attempt, { method: 'POST', path, headers, body: noBytes });
      if ('outcome' in answer) return answer;
      // One that ended meanwhile cannot be cancelled, and need not be.
      if (answer.status >= 300 && !endedMeanwhile.has(answer.status)) return answer.judge(refusalOf(answer.status));
      answer.passOver();
    }
    return undefined;
  }

  async #start(attempt: Attempt): Promise<AttemptOutcome> {
    const cause = `${attempt.idempotencyKey} ${causeText(attempt.payload)}`;
    return this.#receiver.deliver(attempt, {
      method: 'POST',
      path: `${this.#path}/jobs/${this.#config.job}/run/`,
      headers: this.#headersOf(attempt),
      body: Buffer.from(JSON.stringify({ cause, ...this.#config.overrides })),
    });
  }

  #headersOf(attempt: Attempt): RequestHeaders {
    return { ...this.#headers, ...deliveryHeaders(attempt) };
  }
}

const noBytes = new Uint8Array();
const endedMeanwhile = new Set([400, 404, 409]);

/** An answer other than the one that is asked for delivers nothing, whatever its status. */
function refusalOf(status: number): 'retry' | 'rejected' {
  const verdict = verdictOf(status);
  return verdict === 'delivered' ? 'retry' : verdict;
}

/** What people read as the reason of the run: the text that the payload is, or the payload as it stands. */
function causeText(payload: string): string {
  const value: unknown = JSON.parse(payload);
  return typeof value === 'string' ? value : payload;
}
