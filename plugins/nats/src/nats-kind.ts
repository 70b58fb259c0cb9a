import { defineTriggerKind, EgressError } from '@aftercommit/registry';
import { checkConfig } from './config-check.js';
import { natsConfigSchema } from './nats-config.js';
import { NatsTrigger } from './nats-trigger.js';
import { describeServers } from './server-address.js';

/** The trigger kind `nats`: one attempt is one message, which a stream of JetStream has to acknowledge. */
export const nats = defineTriggerKind({
  contractVersion: 1,
  kind: 'nats',
  configSchema: natsConfigSchema,
  validate: checkConfig,
  describeTarget: ({ servers }) => describeServers(servers),
  templateContext: ({ headers }) => ({ headers: { ...headers } }),
  async open(config, environment) {
    if (environment.egress.proxy !== undefined) {
      throw new EgressError(
        'Triggers reach others through an HTTP proxy only, and NATS cannot be reached through one.',
      );
    }
    return new NatsTrigger(config, environment);
  },
});
