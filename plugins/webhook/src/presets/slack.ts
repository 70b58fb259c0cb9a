import { annotated, defineTriggerKind } from '@aftercommit/registry';
import Type, { type Static } from 'typebox';
import { HttpReceiver } from '../http/http-receiver.js';
import { receiverIssues } from '../http/receiver-issues.js';
import { describeReceiver, receiverUrl } from '../http/receiver-url.js';
import { deliveryHeaders, presetHeaders } from './delivery-headers.js';
import { withAdvice } from './slack-words.js';

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
 * is not 2xx comes with a word in its body, which the reason quotes, with what to do about it.
 */
export const slack = defineTriggerKind({
  contractVersion: 1,
  kind: 'slack',
  configSchema: slackConfigSchema,
  defaultPayloadTemplate: '{"text":"{{materialization_name}}: {{docs_total}} documents committed, run {{run_id}}"}',
  validate: (config, { egress }) => receiverIssues(config, egress),
  describeTarget: describeReceiver,
  async open(config, environment) {
    const receiver = new HttpReceiver(receiverUrl(config), environment);
    const headers = presetHeaders({});
    return {
      async attempt(attempt) {
        const outcome = await receiver.deliver(attempt, {
          method: 'POST',
          headers: { ...headers, ...deliveryHeaders(attempt) },
          body: Buffer.from(attempt.payload),
        });
        return outcome.outcome === 'delivered' ? outcome : { ...outcome, reason: withAdvice(outcome.reason) };
      },
      close: async () => receiver.close(),
    };
  },
});
