import type { Attempt, AttemptOutcome, Clock, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import { HttpReceiver } from './http/http-receiver.js';
import { requestHeaders } from './http/request-headers.js';
import type { WebhookConfig } from './webhook-config.js';

/** One configured webhook while its task runs. */
export class WebhookTrigger implements Trigger {
  readonly #clock: Clock;
  readonly #receiver: HttpReceiver;
  readonly #method: string;
  /** What every attempt sends. */
  readonly #headers: readonly string[];

  constructor({ url, method = 'POST', headers }: WebhookConfig, environment: TriggerEnvironment) {
    this.#clock = environment.clock;
    this.#receiver = new HttpReceiver(new URL(url), environment);
    this.#method = method;
    this.#headers = requestHeaders({ 'content-type': 'application/json' }, headers);
  }

  attempt(attempt: Attempt): Promise<AttemptOutcome> {
    const { idempotencyKey, epoch, payload } = attempt;
    const timestamp = String(Math.floor(this.#clock.now() / 1000));
    const own = ['webhook-id', idempotencyKey, 'webhook-timestamp', timestamp, 'aftercommit-epoch', String(epoch)];
    const headers = [...this.#headers, ...own];
    return this.#receiver.deliver(attempt, { method: this.#method, headers, body: Buffer.from(payload) });
  }

  async close(): Promise<void> {
    this.#receiver.close();
  }
}
