/**
 * The trigger kind `dbt-cloud`: starts a job of dbt Cloud, once for each delivery.
 *
 * @module
 */

import { annotated, defineTriggerKind } from '@aftercommit/registry';
import Type, { type Static } from 'typebox';
import { receiverIssues } from '../http/receiver-issues.js';
import { describeReceiver } from '../http/receiver-url.js';
import { tlsSchema } from '../http/tls-config.js';
import { credentialIssues } from './credential-issues.js';
import { DbtCloudTrigger } from './dbt-cloud-trigger.js';

/** What a run has differently from its job, by the names that dbt Cloud has for it. */
const overridesSchema = Type.Object(
  {
    git_branch: Type.Optional(Type.String({ title: 'Branch', description: 'The git branch to check out.' })),
    git_sha: Type.Optional(Type.String({ title: 'Commit', description: 'The git commit to check out.' })),
    schema_override: Type.Optional(Type.String({ title: 'Schema', description: 'The destination schema.' })),
    target_name_override: Type.Optional(Type.String({ title: 'Target', description: 'The name of the target.' })),
    dbt_version_override: Type.Optional(Type.String({ title: 'Version', description: 'The version of dbt.' })),
    threads_override: Type.Optional(Type.Integer({ title: 'Threads', description: 'How many threads.', minimum: 1 })),
    timeout_seconds_override: Type.Optional(
      Type.Integer({ title: 'Timeout', description: 'After how many seconds the run is cancelled.', minimum: 1 }),
    ),
    generate_docs_override: Type.Optional(Type.Boolean({ title: 'Docs', description: 'Whether docs are generated.' })),
    steps_override: Type.Optional(
      Type.Array(Type.String({ title: 'Step', description: 'A command of dbt.' }), {
        title: 'Steps',
        description: 'The commands of the run.',
        minItems: 1,
      }),
    ),
  },
  { title: 'Overrides', description: 'What the run has differently from its job.', additionalProperties: false },
);

const dbtCloudConfigSchema = Type.Object(
  {
    account: Type.Integer({ title: 'Account', description: 'The id of the account.', minimum: 1 }),
    job: Type.Integer({ title: 'Job', description: 'The id of the job that is run.', minimum: 1 }),
    token: annotated(Type.String({ title: 'Token', description: 'A service token that may run jobs.' }), {
      secret: true,
    }),
    url: Type.String({
      title: 'Access URL',
      description: 'That of the account, as its settings show it, such as https://ab123.us1.dbt.com.',
      default: 'https://cloud.getdbt.com',
    }),
    mode: Type.Enum(['ignore', 'skip', 'replace'], {
      title: 'Mode',
      description:
        'When a run of the job is in progress: ignore it and queue another, skip the delivery, or cancel it and start anew.',
      default: 'ignore',
    }),
    overrides: Type.Optional(overridesSchema),
    tls: Type.Optional(tlsSchema),
  },
  {
    title: 'dbt Cloud',
    description: 'Starts a run of a job, with the payload as its cause.',
    additionalProperties: false,
  },
);

/**
 * What a configuration says of a run of dbt Cloud, beside the fields of every trigger.
 *
 * @interface
 */
export type DbtCloudConfig = Static<typeof dbtCloudConfigSchema>;

/**
 * The trigger kind `dbt-cloud`: starts a run of a job. The idempotency key is in the run's cause, and an attempt that finds it
 * among the newest runs starts no other: a repeated delivery runs the job once.
 */
export const dbtCloud = defineTriggerKind({
  contractVersion: 1,
  kind: 'dbt-cloud',
  configSchema: dbtCloudConfigSchema,
  defaultPayloadTemplate: '"{{materialization_name}}: {{docs_total}} documents committed, run {{run_id}}"',
  validate: (config, { egress }) => [...receiverIssues(config, egress), ...credentialIssues('token', config.token)],
  describeTarget: describeReceiver,
  open: async (config, environment) => new DbtCloudTrigger(config, environment),
});
