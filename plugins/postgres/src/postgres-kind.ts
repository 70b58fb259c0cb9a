import { defineTriggerKind, EgressError } from '@aftercommit/registry';
import { checkConfig } from './config-check.js';
import { describeServer, postgresConfigSchema } from './postgres-config.js';
import { PostgresTrigger } from './postgres-trigger.js';

/** The trigger kind `postgres`: one attempt is one transaction, which inserts a row or notifies a channel. */
export const postgres = defineTriggerKind({
  contractVersion: 1,
  kind: 'postgres',
  configSchema: postgresConfigSchema,
  validate: checkConfig,
  describeTarget: describeServer,
  async open(config, environment) {
    if (environment.egress.proxy !== undefined) {
      throw new EgressError(
        'Triggers reach others through an HTTP proxy only, and PostgreSQL cannot be reached through one.',
      );
    }
    return new PostgresTrigger(config, environment);
  },
});
