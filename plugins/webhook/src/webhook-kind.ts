import { defineTriggerKind } from '@aftercommit/registry';
import { checkConfig } from './config-check.js';
import { describeReceiver } from './http/receiver-url.js';
import { webhookConfigSchema } from './webhook-config.js';
import { WebhookTrigger } from './webhook-trigger.js';

/** The trigger kind `webhook`: one attempt is one HTTP request, whose status line decides how it went. */
export const webhook = defineTriggerKind({
  contractVersion: 1,
  kind: 'webhook',
  configSchema: webhookConfigSchema,
  validate: checkConfig,
  describeTarget: describeReceiver,
  templateContext: ({ headers }) => ({ headers: { ...headers } }),
  open: async (config, environment) => new WebhookTrigger(config, environment),
});
