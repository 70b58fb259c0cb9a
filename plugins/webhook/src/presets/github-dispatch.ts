import { annotated, defineTriggerKind } from '@aftercommit/registry';
import Type, { type Static } from 'typebox';
import { HttpReceiver } from '../http/http-receiver.js';
import { receiverIssues } from '../http/receiver-issues.js';
import { describeReceiver, receiverUrl } from '../http/receiver-url.js';
import { tlsSchema } from '../http/tls-config.js';
import { credentialIssues } from './credential-issues.js';
import { deliveryHeaders, presetHeaders } from './delivery-headers.js';
import { judgeGithub } from './github-limits.js';
import { markedClientPayload } from './marked-test.js';
import { pathBelow } from './path-below.js';

const githubDispatchConfigSchema = Type.Object(
  {
    repository: Type.String({
      title: 'Repository',
      description: 'Whose workflows are started: OWNER/NAME.',
      pattern: '^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$',
    }),
    eventType: Type.String({
      title: 'Event type',
      description: 'What workflows listen to: on.repository_dispatch.types. At most 100 characters.',
      minLength: 1,
      maxLength: 100,
    }),
    token: annotated(
      Type.String({
        title: 'Token',
        description: 'A fine-grained token with write access to the contents of the repository, or that of an app.',
      }),
      { secret: true },
    ),
    url: Type.String({
      title: 'API',
      description: 'Where the API is. Of GitHub Enterprise Server: https://HOST/api/v3.',
      default: 'https://api.github.com',
    }),
    tls: Type.Optional(tlsSchema),
  },
  {
    title: 'GitHub Actions',
    description: 'Starts workflows by a repository_dispatch event, with the payload as its client_payload.',
    additionalProperties: false,
  },
);

/** What a configuration says of a repository_dispatch event, beside the fields of every trigger. */
export type GithubDispatchConfig = Static<typeof githubDispatchConfigSchema>;

/**
 * The trigger kind `github-dispatch`: a `repository_dispatch` event of GitHub, whose `client_payload` is the payload. 204 says that
 * it was taken; GitHub tells nobody what became of the workflows.
 */
export const githubDispatch = defineTriggerKind({
  contractVersion: 1,
  kind: 'github-dispatch',
  configSchema: githubDispatchConfigSchema,
  defaultPayloadTemplate:
    '{"materialization":{{json materialization_name}},"collections":{{json collection_names}},"docs_total":{{docs_total}},"run_id":{{json run_id}}}',
  validate: (config, { egress }) => [...receiverIssues(config, egress), ...credentialIssues('token', config.token)],
  describeTarget: describeReceiver,
  async open({ url, repository, eventType, token, tls }, environment) {
    const base = receiverUrl({ url });
    const receiver = new HttpReceiver(base, environment, tls);
    const path = pathBelow(base, `/repos/${repository}/dispatches`);
    const headers = presetHeaders({
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    });
    return {
      async attempt(attempt) {
        const answer = await receiver.request(attempt, {
          method: 'POST',
          path,
          headers: { ...headers, ...deliveryHeaders(attempt) },
          body: Buffer.from(
            `{"event_type":${JSON.stringify(eventType)},"client_payload":${markedClientPayload(attempt)}}`,
          ),
        });
        return 'outcome' in answer ? answer : judgeGithub(answer, environment.clock.now());
      },
      close: async () => receiver.close(),
    };
  },
});
