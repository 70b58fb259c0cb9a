import type { Attempt, AttemptOutcome, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import type { HttpAnswer } from '../http/http-answer.js';
import { HttpReceiver } from '../http/http-receiver.js';
import { receiverUrl } from '../http/receiver-url.js';
import type { RequestHeaders } from '../http/request-headers.js';
import { verdictOf } from '../http/status-verdict.js';
import type { AirflowConfig } from './airflow.js';
import { deliveryHeaders, presetHeaders } from './delivery-headers.js';
import { pathBelow } from './path-below.js';

/** The runs of one dag. */
export class AirflowTrigger implements Trigger {
  readonly #receiver: HttpReceiver;
  readonly #path: string;
  readonly #headers: RequestHeaders;
  /** Airflow 3 wants a date for every run, and takes null for a run that is for none. */
  readonly #date: string;

  constructor(config: AirflowConfig, environment: TriggerEnvironment) {
    const base = receiverUrl(config);
    const { dag, apiVersion } = config;
    this.#receiver = new HttpReceiver(base, environment, config.tls);
    this.#path = pathBelow(base, `/api/${apiVersion}/dags/${encodeURIComponent(dag)}/dagRuns`);
    this.#headers = presetHeaders({ accept: 'application/json', authorization: authorizationOf(config) });
    this.#date = apiVersion === 'v2' ? '"logical_date":null,' : '';
  }

  async attempt(attempt: Attempt): Promise<AttemptOutcome> {
    const { idempotencyKey, payload } = attempt;
    const answer = await this.#receiver.request(attempt, {
      method: 'POST',
      path: this.#path,
      headers: { ...this.#headers, ...deliveryHeaders(attempt) },
      body: Buffer.from(`{"dag_run_id":${JSON.stringify(idempotencyKey)},${this.#date}"conf":${payload}}`),
    });
    if ('outcome' in answer) return answer;
    return answer.status === 409 ? this.#conflict(answer, idempotencyKey) : answer.judge(verdictOf(answer.status));
  }

  async close(): Promise<void> {
    this.#receiver.close();
  }

  /**
   * The run is there: an earlier attempt started it. But Airflow 2 gives runs the time as their date and takes each date once, so
   * that a run which another one started in the same microsecond is refused in the same way.
   */
  async #conflict(answer: HttpAnswer, idempotencyKey: string): Promise<AttemptOutcome> {
    if (this.#date !== '') return answer.judge('delivered');
    const text = JSON.stringify(await answer.json()) ?? '';
    const isOfTheDate = !text.includes(idempotencyKey) && /(?:logical|execution)[ _]date/i.test(text);
    if (!isOfTheDate) return { outcome: 'delivered' };
    return { outcome: 'retry', reason: `${answer.summary}: another run of the dag has the same date` };
  }
}

function authorizationOf({ token, user, password }: AirflowConfig): string | undefined {
  if (token !== undefined) return `Bearer ${token}`;
  if (user === undefined) return undefined;
  return `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
}
