import type { Attempt, AttemptOutcome, Clock, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import { HttpReceiver } from './http/http-receiver.js';
import { receiverUrl } from './http/receiver-url.js';
import { type RequestHeaders, requestHeaders } from './http/request-headers.js';
import { testHeaders } from './http/test-headers.js';
import { traceHeaders } from './http/trace-headers.js';
import { Signer } from './signing/signer.js';
import type { WebhookConfig } from './webhook-config.js';

/** One configured webhook while its task runs. */
export class WebhookTrigger implements Trigger {
  readonly #clock: Clock;
  readonly #receiver: HttpReceiver;
  readonly #method: string;
  /** What every attempt sends. */
  readonly #headers: RequestHeaders;
  /** Undefined: requests are not signed. */
  readonly #signer: Signer | undefined;

  constructor(config: WebhookConfig, environment: TriggerEnvironment) {
    const { method = 'POST', headers, signingKeys = [], tls } = config;
    this.#clock = environment.clock;
    this.#receiver = new HttpReceiver(receiverUrl(config), environment, tls);
    this.#method = method;
    this.#headers = requestHeaders({ 'content-type': 'application/json' }, headers);
    this.#signer = signingKeys.length === 0 ? undefined : new Signer(signingKeys);
  }

  attempt(attempt: Attempt): Promise<AttemptOutcome> {
    const { idempotencyKey, epoch } = attempt;
    const body = Buffer.from(attempt.payload);
    const timestamp = String(Math.floor(this.#clock.now() / 1000));
    const signatures = this.#signer?.signatures(idempotencyKey, timestamp, body);
    const headers = {
      ...this.#headers,
      'webhook-id': idempotencyKey,
      'webhook-timestamp': timestamp,
      'aftercommit-epoch': String(epoch),
      ...testHeaders(attempt),
      ...traceHeaders(attempt),
      ...(signatures !== undefined && { 'webhook-signature': signatures }),
    };
    return this.#receiver.deliver(attempt, { method: this.#method, headers, body });
  }

  async close(): Promise<void> {
    this.#receiver.close();
  }
}
