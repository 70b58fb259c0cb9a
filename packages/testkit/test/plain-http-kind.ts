import { type Agent, request } from 'node:http';
import {
  type Attempt,
  type AttemptOutcome,
  defineTriggerKind,
  EgressError,
  type Trigger,
  type TriggerEnvironment,
  type TriggerKind,
} from '@aftercommit/registry';
import Type from 'typebox';

export const plainHttpSchema = Type.Object({
  url: Type.String({ title: 'URL', description: 'Where it goes.' }),
  token: Type.Optional(Type.String({ title: 'Token', description: 'Who we are.', secret: true })),
});

export type PlainHttpConfig = { url: string; token?: string };
export type PlainHttpKind = TriggerKind<typeof plainHttpSchema>;

/** How one request is made. */
export type Means = { environment: TriggerEnvironment; token?: string; agent?: Agent };

/** One request, said as plainly as Node allows. */
export function post(url: string, attempt: Attempt, { environment, token, agent }: Means): Promise<AttemptOutcome> {
  const { payload, idempotencyKey, signal } = attempt;
  const refusal = environment.egress.refusal(new URL(url).hostname);
  if (refusal !== undefined) return Promise.resolve({ outcome: 'rejected', reason: refusal });
  if (signal.aborted) return Promise.resolve({ outcome: 'retry', reason: 'the attempt was aborted' });
  return new Promise((resolve, reject) => {
    const headers = { 'webhook-id': idempotencyKey, ...(token !== undefined && { authorization: token }) };
    const { lookup } = environment.egress;
    const sent = request(url, { method: 'POST', headers, signal, lookup, agent: agent ?? false }, (response) => {
      response.on('error', () => undefined);
      response.resume();
      const status = response.statusCode ?? 0;
      if (status < 300) resolve({ outcome: 'delivered' });
      else resolve({ outcome: status < 500 ? 'rejected' : 'retry', reason: `HTTP ${status}` });
    });
    sent.on('error', (error) => {
      if (EgressError.is(error)) resolve({ outcome: 'rejected', reason: error.message });
      else reject(error);
    });
    sent.end(payload);
  });
}

/** A kind that keeps its contract in the fewest lines; what each broken kind of these tests breaks. */
export const plainHttp: PlainHttpKind = defineTriggerKind({
  contractVersion: 1,
  kind: 'plain-http',
  configSchema: plainHttpSchema,
  validate({ url }, { egress }) {
    const refusal = URL.canParse(url) ? egress.refusal(new URL(url).hostname) : 'url does not parse.';
    return refusal === undefined ? [] : [{ severity: 'error', pointer: '/url', message: refusal }];
  },
  describeTarget: ({ url }) => new URL(url).origin,
  async open({ url, token }, environment) {
    if (environment.egress.proxy !== undefined) throw new Error('plain-http cannot go through a proxy');
    const means = { environment, ...(token !== undefined && { token }) };
    return { attempt: (attempt) => post(url, attempt, means) };
  },
});

/** What a broken kind has at hand in an attempt. */
export type Attempting = {
  attempt: Attempt;
  /** Makes the request of a sound kind, of this attempt or of another. */
  send: (attempt?: Partial<Attempt>) => Promise<AttemptOutcome>;
  config: PlainHttpConfig;
  environment: TriggerEnvironment;
};

/** A kind that is sound but for its attempts. */
export function attempting(attempt: (given: Attempting) => Promise<AttemptOutcome>): () => Partial<PlainHttpKind> {
  return opening(async (sound, config, environment) => ({
    ...sound,
    attempt: (given) =>
      attempt({
        attempt: given,
        send: (changed = {}) => sound.attempt({ ...given, ...changed }),
        config,
        environment,
      }),
  }));
}

/** A kind that is sound but for what it opens. */
export function opening(
  open: (sound: Trigger, config: PlainHttpConfig, environment: TriggerEnvironment) => Promise<Trigger>,
): () => Partial<PlainHttpKind> {
  return () => ({
    open: async (config, environment) => open(await plainHttp.open(config, environment), config, environment),
  });
}
