import type { Attempt, AttemptOutcome, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import { AttemptFailure } from './attempt-failure.js';
import { encodeHeaders } from './message-headers.js';
import type { NatsConfig } from './nats-config.js';
import { type Message, publish } from './publish.js';
import { describeServers } from './server-address.js';
import { ServerConnections } from './server-connections.js';

/** One configured NATS trigger while its task runs, and the connection of its attempts. */
export class NatsTrigger implements Trigger {
  readonly #config: NatsConfig;
  readonly #environment: TriggerEnvironment;
  readonly #connections: ServerConnections;
  #published = 0;

  constructor(config: NatsConfig, environment: TriggerEnvironment) {
    this.#config = config;
    this.#environment = environment;
    this.#connections = new ServerConnections(config, environment);
  }

  async attempt(attempt: Attempt): Promise<AttemptOutcome> {
    if (attempt.signal.aborted) return this.#unanswered(attempt);
    try {
      return await this.#connections.use(attempt, ({ connection, inbox }) => {
        this.#published += 1;
        return publish(connection, this.#message(attempt), `${inbox}.${this.#published}`);
      });
    } catch (error) {
      if (!(error instanceof AttemptFailure)) throw error;
      return attempt.signal.aborted ? this.#unanswered(attempt) : error.outcome;
    }
  }

  async close(): Promise<void> {
    this.#connections.close();
  }

  #message({ idempotencyKey, epoch, payload, traceparent, isTest }: Attempt): Message {
    const { subject, stream, headers: configured = {} } = this.#config;
    const isTyped = Object.keys(configured).some((name) => name.toLowerCase() === 'content-type');
    const headers: Array<[string, string]> = [
      // A stream stores a message of this id once, within its duplicate window.
      ['Nats-Msg-Id', idempotencyKey],
      ...(stream === undefined ? [] : [['Nats-Expected-Stream', stream] satisfies [string, string]]),
      ['aftercommit-epoch', String(epoch)],
      ...(isTest === true ? [['aftercommit-test', 'true'] satisfies [string, string]] : []),
      ...(traceparent === undefined ? [] : [['traceparent', traceparent] satisfies [string, string]]),
      ...(isTyped ? [] : [['content-type', 'application/json'] satisfies [string, string]]),
      ...Object.entries(configured),
    ];
    return { subject, headers: encodeHeaders(headers), payload: Buffer.from(payload) };
  }

  /** Whether the message was stored, nobody knows. */
  #unanswered({ deadlineAt }: Attempt): AttemptOutcome {
    const target = describeServers(this.#config.servers);
    const isLate = deadlineAt <= this.#environment.clock.now();
    const reason = isLate
      ? `no acknowledgement from ${target} within the timeout`
      : `the attempt was ended before ${target} acknowledged`;
    return { outcome: 'retry', reason };
  }
}
