import { isIP } from 'node:net';
import { annotated } from '@aftercommit/registry';
import Type, { type Static } from 'typebox';

/** The columns that every table has, and what they are called unless the configuration says otherwise. */
export const defaultColumns = { idempotencyKey: 'idempotency_key', payload: 'payload' };

const column = (title: string, description: string, name?: string) =>
  Type.Optional(Type.String({ title, description, minLength: 1, ...(name !== undefined && { default: name }) }));

export const postgresConfigSchema = Type.Object(
  {
    host: Type.String({ title: 'Host', description: 'The name or the address of the server.', minLength: 1 }),
    port: Type.Optional(
      Type.Integer({
        title: 'Port',
        description: 'The port of the server.',
        minimum: 1,
        maximum: 65_535,
        default: 5432,
      }),
    ),
    database: Type.String({ title: 'Database', description: 'The name of the database.', minLength: 1 }),
    user: Type.String({ title: 'User', description: 'The role to connect as.', minLength: 1 }),
    password: Type.Optional(
      annotated(
        Type.String({
          title: 'Password',
          description: 'The password of user, where the server asks for one.',
          minLength: 1,
        }),
        {
          secret: true,
        },
      ),
    ),
    table: Type.Optional(
      Type.String({
        title: 'Table',
        description: 'The table that gets a row for each delivery: name, or schema.name. It has to be there already.',
        minLength: 1,
      }),
    ),
    columns: Type.Optional(
      Type.Object(
        {
          idempotencyKey: column(
            'Idempotency key',
            'The column that names the delivery. It needs a unique index of its own.',
            defaultColumns.idempotencyKey,
          ),
          payload: column('Payload', 'The column for the payload: json, text or jsonb.', defaultColumns.payload),
          materialization: column('Materialization', 'A column for the name of the materialization: text.'),
          runId: column('Run id', 'A column for the run id: text, or timestamptz.'),
          epoch: column('Epoch', 'A column for the epoch of the session that inserted the row: bigint.'),
          variables: column('Variables', 'A column for everything that a template could use: json, text or jsonb.'),
        },
        {
          title: 'Columns',
          description:
            'What the columns of the table are called. Those without a default are filled when they are named.',
          additionalProperties: false,
          default: {},
        },
      ),
    ),
    channel: Type.Optional(
      Type.String({
        title: 'Channel',
        description:
          'Instead of a table: the channel that is notified of the payload, which must be shorter than 8,000 bytes.',
        minLength: 1,
      }),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          mode: Type.Optional(
            Type.Enum(['verify', 'disable'], {
              title: 'Mode',
              description:
                'verify: TLS, with a certificate for this host. disable: none, so that everything can be read on the way.',
              default: 'verify',
            }),
          ),
          ca: Type.Optional(
            Type.String({
              title: 'Certificate authority',
              description: 'The certificates, in PEM, that sign that of the server. Default: those that Node trusts.',
            }),
          ),
          certificate: Type.Optional(
            Type.String({
              title: 'Certificate',
              description: 'Our own certificate, in PEM, for servers that ask for it.',
            }),
          ),
          key: Type.Optional(
            annotated(Type.String({ title: 'Key', description: 'The private key of the certificate, in PEM.' }), {
              secret: true,
            }),
          ),
        },
        {
          title: 'TLS',
          description: 'How the connection is protected. A certificate is verified, or there is no TLS at all.',
          additionalProperties: false,
          // Also where the key is sealed, and so not there to be looked at.
          dependentRequired: { certificate: ['key'] },
          default: {},
        },
      ),
    ),
  },
  {
    title: 'PostgreSQL',
    description: 'Inserts a row into a table, once for each delivery, or notifies a channel.',
    additionalProperties: false,
  },
);

/**
 * What a configuration says of a PostgreSQL trigger, beside the fields of every trigger.
 *
 * @interface
 */
export type PostgresConfig = Static<typeof postgresConfigSchema>;

/** Scheme, host and port: `postgres://db.example.com:5432`. */
export function describeServer({ host, port = 5432 }: Pick<PostgresConfig, 'host' | 'port'>): string {
  if (!isHost(host)) return 'a host that cannot be read';
  const bare = withoutBrackets(host);
  return `postgres://${isIP(bare) === 6 ? `[${bare}]` : bare}:${port}`;
}

/** The host as sockets take it: literal IPv6 addresses can be written in brackets. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

/** Whether it is a name or an address, and not a URL with a user in it, a path of a socket, or a list. */
export function isHost(host: string): boolean {
  return /^[\w.-]+$/.test(host) || isIP(withoutBrackets(host)) === 6;
}
