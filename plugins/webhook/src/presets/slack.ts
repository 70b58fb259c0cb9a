import { annotated, defineTriggerKind } from '@aftercommit/registry';
import Type, { type Static } from 'typebox';
import { originOf } from '../http/failure-reason.js';
import { HttpReceiver } from '../http/http-receiver.js';
import { urlIssues } from '../http/url-issues.js';
import { deliveryHeaders, presetHeaders } from './delivery-headers.js';

const slackConfigSchema = Type.Object(
  {
    secretUrl: annotated(
      Type.String({
        title: 'Webhook URL',
        description:
          'The URL of an incoming webhook, https://hooks.slack.com/services/…. Secret: who knows it can post.',
      }),
      { secret: true },
    ),
  },
  { title: 'Slack', description: 'Posts a message to a channel of Slack.', additionalProperties: false },
);

/** What a configuration says of a message to Slack, beside the fields of every trigger. */
export type SlackConfig = Static<typeof slackConfigSchema>;

/**
 * The trigger kind `slack`: posts the payload, a message such as `{"text":"…"}`, to an incoming webhook of Slack. A status that
 * is not 2xx comes with a word in its body, which the reason quotes.
 */
export const slack = defineTriggerKind({
  contractVersion: 1,
  kind: 'slack',
  configSchema: slackConfigSchema,
  defaultPayloadTemplate: '{"text":"{{materialization_name}}: {{docs_total}} documents committed, run {{run_id}}"}',
  validate: ({ secretUrl }: Partial<SlackConfig>, { egress }) =>
    secretUrl === undefined ? [] : urlIssues({ name: 'secretUrl', url: secretUrl, isSecret: true }, egress),
  describeTarget: ({ secretUrl }: Partial<SlackConfig>) =>
    secretUrl === undefined ? 'a secret URL' : originOf(new URL(secretUrl)),
  async open({ secretUrl }, environment) {
    const receiver = new HttpReceiver(new URL(secretUrl), environment);
    const headers = presetHeaders({});
    return {
      attempt: (attempt) =>
        receiver.deliver(attempt, {
          method: 'POST',
          headers: { ...headers, ...deliveryHeaders(attempt) },
          body: Buffer.from(attempt.payload),
        }),
      close: async () => receiver.close(),
    };
  },
});
