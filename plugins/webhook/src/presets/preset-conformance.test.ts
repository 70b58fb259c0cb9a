import type { TriggerKind } from '@aftercommit/registry';
import { type KindSubject, kindConformance } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest';
import { startAirflow } from '../../test/services/airflow-service.js';
import { startDbtCloud } from '../../test/services/dbt-cloud-service.js';
import { startGithub } from '../../test/services/github-service.js';
import type { Service, ServiceRequest } from '../../test/services/service.js';
import { startSlack } from '../../test/services/slack-service.js';
import { airflow } from './airflow.js';
import { dbtCloud } from './dbt-cloud.js';
import { githubDispatch } from './github-dispatch.js';
import { slack } from './slack.js';

/** A service that can be made to have a trouble. */
type Troubled = Service & { trouble: string | undefined; runs?: unknown[] };

type Preset = {
  kind: TriggerKind;
  start(): Promise<Troubled>;
  config(service: Troubled): KindSubject['config'];
  invalidConfigs: KindSubject['invalidConfigs'];
  /** Its troubles: one that passes, and one that stays. */
  troubles: { refuse: string; reject: string };
  /** The payload that is in the body of a delivery. */
  payloadOf(body: string): string;
};

/** What a body has between its first `before` and the end that is as long as `after`. */
const between =
  (before: string, after: string) =>
  (body: string): string =>
    body.slice(body.indexOf(before) + before.length, body.length - after.length);

const isPost = ({ method }: ServiceRequest): boolean => method === 'POST';

const presets: Preset[] = [
  {
    kind: slack,
    start: async () => Object.assign(await startSlack(), { isLenient: true }),
    config: (service) => ({ secretUrl: `${service.url}/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX` }),
    invalidConfigs: [
      { config: {}, pointer: '/secretUrl' },
      { config: { secretUrl: 'hooks.slack.com' }, pointer: '/secretUrl' },
      { config: { secretUrl: 'https://hooks.slack.com', url: 'https://example.com' }, pointer: '/url' },
    ],
    troubles: { refuse: 'down', reject: 'archived' },
    payloadOf: (body) => body,
  },
  {
    kind: githubDispatch,
    start: startGithub,
    config: (service) => ({
      url: service.url,
      repository: 'acme/analytics',
      eventType: 'committed',
      token: 'github_pat_s3cret',
    }),
    invalidConfigs: [
      { config: { repository: 'analytics', eventType: 'a', token: 't' }, pointer: '/repository' },
      { config: { repository: 'a/b/c', eventType: 'a', token: 't' }, pointer: '/repository' },
      { config: { repository: 'a/b', eventType: '', token: 't' }, pointer: '/eventType' },
      { config: { repository: 'a/b', eventType: 'a', token: 't\n' }, pointer: '/token' },
      { config: { repository: 'a/b', eventType: 'a', token: 't', url: 'api.github.com' }, pointer: '/url' },
    ],
    troubles: { refuse: 'down', reject: 'forbidden' },
    payloadOf: between('"client_payload":', '}'),
  },
  {
    kind: airflow,
    start: startAirflow,
    config: (service) => ({ url: service.url, dag: 'nightly', token: 's3cret-jwt' }),
    invalidConfigs: [
      { config: { url: 'https://a.example', dag: 'a/b' }, pointer: '/dag' },
      { config: { url: 'https://a.example', dag: 'a', apiVersion: 'v3' }, pointer: '/apiVersion' },
      { config: { url: 'https://a.example', dag: 'a', user: 'u', token: 't' }, pointer: '/user' },
      { config: { url: 'https://a.example', dag: 'a', user: 'u:v', password: 'p' }, pointer: '/user' },
      { config: { url: 'https://a.example', dag: 'a', password: 'p' }, pointer: '/password' },
      { config: { url: 'https://a.example', dag: 'a', token: 't\n' }, pointer: '/token' },
      { config: { url: 'https://a.example', dag: 'a', token: 't ' }, pointer: '/token' },
      { config: { url: 'https://a.example', dag: 'a', user: 'u', password: '' }, pointer: '/password' },
    ],
    troubles: { refuse: 'down', reject: 'forbidden' },
    payloadOf: between('"conf":', '}'),
  },
  {
    kind: dbtCloud,
    start: startDbtCloud,
    config: (service) => ({ url: service.url, account: 7, job: 42, token: 's3cret' }),
    invalidConfigs: [
      { config: { account: 'seven', job: 42, token: 's' }, pointer: '/account' },
      { config: { account: 7, job: 42, token: 's', mode: 'wait' }, pointer: '/mode' },
      { config: { account: 7, job: 42, token: 's', overrides: { branch: 'a' } }, pointer: '/overrides/branch' },
    ],
    troubles: { refuse: 'down', reject: 'forbidden' },
    payloadOf: (body) => JSON.parse(body).cause.replace(/^\S+ /, ''),
  },
];

describe.each(presets)('the kind $kind.kind', (preset) => {
  let service: Troubled;
  const config: KindSubject['config'] = {};
  beforeAll(async () => {
    service = await preset.start();
    Object.assign(config, preset.config(service));
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    service.trouble = undefined;
    // Each case begins with the same keys: what was started under them is forgotten.
    service.runs?.splice(0);
  });
  const trouble = (name: string | undefined) => () => {
    service.trouble = name;
  };
  const cases = kindConformance({
    kind: preset.kind,
    config,
    ...(preset.invalidConfigs && { invalidConfigs: preset.invalidConfigs }),
    receiver: {
      received: async () =>
        service.requests.filter(isPost).map(({ body, headers }) => ({
          payload: preset.payloadOf(body),
          idempotencyKey: String(headers['webhook-id']),
        })),
      accept: trouble(undefined),
      refuse: trouble(preset.troubles.refuse),
      reject: trouble(preset.troubles.reject),
      hang: trouble('silent'),
    },
  });
  for (const { title, run, skip } of cases) test.skipIf(skip !== undefined)(title, run);
});
