/**
 * The trigger kind `airflow`: starts a run of a DAG of Apache Airflow, once for each delivery.
 *
 * @module
 */

import { annotated, defineTriggerKind, type KindIssue } from '@aftercommit/registry';
import Type, { type Static } from 'typebox';
import { receiverIssues } from '../http/receiver-issues.js';
import { describeReceiver } from '../http/receiver-url.js';
import { tlsSchema } from '../http/tls-config.js';
import { AirflowTrigger } from './airflow-trigger.js';
import { credentialIssues } from './credential-issues.js';

const secretText = (title: string, description: string) =>
  Type.Optional(annotated(Type.String({ title, description }), { secret: true }));

const airflowConfigSchema = Type.Object(
  {
    url: Type.String({
      title: 'URL',
      description: 'The base URL of the web server, without /api: https://airflow.example.com.',
    }),
    dag: Type.String({
      title: 'Dag',
      description: 'The id of the dag that is run.',
      pattern: '^[\\w.~:+-]+$',
      maxLength: 250,
    }),
    apiVersion: Type.Enum(['v1', 'v2'], {
      title: 'API version',
      description: 'v2 is that of Airflow 3, v1 that of Airflow 2.',
      default: 'v2',
    }),
    token: secretText('Token', 'Sent as a bearer token. For v2, for Astronomer and for managed services.'),
    user: Type.Optional(
      Type.String({ title: 'User', description: 'For basic authentication, together with password. For v1.' }),
    ),
    password: secretText('Password', 'For basic authentication.'),
    tls: Type.Optional(tlsSchema),
  },
  {
    title: 'Airflow',
    description: 'Starts a run of a dag, whose id is the idempotency key and whose conf is the payload.',
    additionalProperties: false,
  },
);

/**
 * What a configuration says of a dag run, beside the fields of every trigger.
 *
 * @interface
 */
export type AirflowConfig = Static<typeof airflowConfigSchema>;

/**
 * The trigger kind `airflow`: starts a run of a dag. The run's id is the idempotency key, so that Airflow starts one run for a
 * delivery however often it is repeated: its 409 says that the run is there.
 */
export const airflow = defineTriggerKind({
  contractVersion: 1,
  kind: 'airflow',
  configSchema: airflowConfigSchema,
  defaultPayloadTemplate:
    '{"materialization":{{json materialization_name}},"collections":{{json collection_names}},"docs_total":{{docs_total}},"run_id":{{json run_id}}}',
  validate: (config, { egress }) => [
    ...receiverIssues(config, egress),
    ...credentialIssues('token', config.token),
    ...credentialIssues('password', config.password),
    ...authenticationIssues(config),
  ],
  describeTarget: describeReceiver,
  open: async (config, environment) => new AirflowTrigger(config, environment),
});

/** Secrets that are sealed are absent here: only what is there is looked at. */
function authenticationIssues({ token, user, password }: AirflowConfig): KindIssue[] {
  const issue = (pointer: string, message: string): KindIssue => ({ severity: 'error', pointer, message });
  if (user !== undefined && token !== undefined) {
    return [issue('/user', 'user and token are two ways to authenticate. Remove one of them.')];
  }
  if (user === undefined && password !== undefined) {
    return [issue('/password', 'password needs a user. Give it one, or use token instead.')];
  }
  return user?.includes(':')
    ? [issue('/user', 'user has a colon in it, which basic authentication cannot carry.')]
    : [];
}
