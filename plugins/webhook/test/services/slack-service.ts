import { jsonOf, type Service, type ServiceAnswer, startService } from './service.js';

/** What a workspace does with the messages of a webhook: takes them, or has one of these troubles. */
export type SlackTrouble = 'archived' | 'prohibited' | 'limited' | 'down' | 'silent';

/** Incoming webhooks as Slack documents them: errors are words in a body of text, and a status that goes with them. */
export type SlackService = Service & {
  readonly webhookUrl: string;
  trouble: SlackTrouble | undefined;
  /** Whether it takes any JSON for a message. */
  isLenient: boolean;
};

const path = '/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX';

const answers: Record<SlackTrouble, ServiceAnswer> = {
  archived: { status: 410, body: 'channel_is_archived' },
  prohibited: { status: 403, body: 'action_prohibited' },
  limited: { status: 429, headers: { 'retry-after': '30' }, body: 'rate_limited' },
  down: { status: 500, body: 'rollup_error' },
  silent: undefined,
};

export async function startSlack(): Promise<SlackService> {
  const state: { trouble: SlackTrouble | undefined; isLenient: boolean } = { trouble: undefined, isLenient: false };
  const service = await startService(({ method, path: asked, headers, body }): ServiceAnswer => {
    if (asked !== path) return { status: 404, body: 'no_service' };
    if (state.trouble !== undefined) return answers[state.trouble];
    if (method !== 'POST' || headers['content-type'] !== 'application/json') return invalid;
    if (state.isLenient) return { status: 200, body: 'ok' };
    const message = jsonOf(body);
    if (typeof message !== 'object' || message === null || Array.isArray(message)) return invalid;
    const hasContent = ['text', 'blocks', 'attachments'].some((field) => field in message);
    return hasContent ? { status: 200, body: 'ok' } : { status: 400, body: 'no_text' };
  });
  return Object.assign(state, { ...service, webhookUrl: `${service.url}${path}` });
}

const invalid = { status: 400, body: 'invalid_payload' };
