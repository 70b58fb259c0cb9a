import { type JsonObject, jsonPointer } from '@aftercommit/models';
import { checkSettings } from '@aftercommit/registry';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import { unknownNames } from '../errors/unknown-names.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { InitAnswers } from './init-answers.js';
import { givenFields, missingFields } from './kind-fields.js';
import { type Ask, answerTo } from './question.js';

/** What the options say of where the rows go. */
export type GivenEndpoint = {
  /** `sqlite` or `postgres`. Undefined: they do not say. */
  endpoint?: string;
  /** `path=weather.db`; empty: they say nothing. */
  endpointField: readonly string[];
};

/** Where the rows go: a connector that is installed, and the fields that it cannot do without. */
export async function askForEndpoint(
  given: GivenEndpoint,
  { name, connectors, env }: { name: string; connectors: readonly ConnectorKind[]; env: CommandLineIo['env'] },
  ask: Ask,
): Promise<InitAnswers['endpoint'] & { connector: ConnectorKind }> {
  const connector = await askForConnector(given.endpoint, connectors, ask);
  const { name: kind, configSchema } = connector;
  const about = { option: '--endpoint-field', owner: `endpoint ${kind}` };
  const config = givenFields(given.endpointField, configSchema, about);
  for (const { name: field, description } of missingFields(configSchema, config)) {
    config[field] = await ask({
      text: `${field}:`,
      about: description,
      option: `--endpoint-field ${field}=…`,
      given: undefined,
      usual: usualSetting(field, name, env),
      proposals: [],
      problem: (answer) => settingProblem(connector, { ...config, [field]: answer }, field),
    });
  }
  return { kind, config, connector };
}

async function askForConnector(
  given: string | undefined,
  connectors: readonly ConnectorKind[],
  ask: Ask,
): Promise<ConnectorKind> {
  const names = connectors.map(({ name }) => name);
  const answer = await answerTo(
    {
      text: `Where do the rows go: ${names.join(' or ')}?`,
      option: '--endpoint <name>',
      given,
      usual: names[0],
      proposals: names,
      problem: (typed) => unknownNames([typed], names, { what: 'endpoint' }),
    },
    ask,
  );
  return connectors.find(({ name }) => name === answer) ?? neverMissing(answer);
}

function neverMissing(name: string): never {
  throw new Error(`The endpoint ${name} was checked, and is not there.`);
}

/** From the names that PostgreSQL's own programs go by, where they are set. */
function usualSetting(field: string, name: string, env: CommandLineIo['env']): string | undefined {
  const port = env['PGPORT'] === undefined ? '' : `:${env['PGPORT']}`;
  const usual: Record<string, string | undefined> = {
    path: `${name}.db`,
    address: `${env['PGHOST'] ?? 'localhost'}${port}`,
    database: env['PGDATABASE'],
    user: env['PGUSER'] ?? env['USER'],
  };
  return usual[field];
}

function settingProblem({ configSchema, name }: ConnectorKind, config: JsonObject, field: string): string | undefined {
  const { issues } = checkSettings(configSchema, config, name);
  return issues.find(({ pointer }) => pointer === jsonPointer([field]))?.message;
}

/** The table that the rows are kept in. */
export async function askForTable(
  given: string | undefined,
  { name, connector }: { name: string; connector: ConnectorKind },
  ask: Ask,
): Promise<string> {
  return await answerTo(
    {
      text: 'Into which table?',
      option: '--table <name>',
      given,
      usual: name,
      proposals: [name],
      problem: (table) => checkSettings(connector.resourceSchema, { table }, 'resource').issues[0]?.message,
    },
    ask,
  );
}
