import { annotated } from '@aftercommit/models';
import Type, { type Static } from 'typebox';
import { addressPattern } from './address.js';

const tls = Type.Object(
  {
    mode: Type.Optional(
      Type.Enum(['verify', 'off'], {
        title: 'Mode',
        description:
          'verify: encrypted, and only to a server whose certificate is valid for the address. off: in plain text. There is no third one.',
        default: 'verify',
      }),
    ),
    ca: Type.Optional(
      Type.String({
        title: 'Certificate authority',
        description: 'Who signs the certificate of the server, as PEM text. Those that Node knows unless it is said.',
      }),
    ),
    certificate: Type.Optional(
      Type.String({ title: 'Certificate', description: 'What this side shows to the server, as PEM text.' }),
    ),
    key: annotated(
      Type.Optional(Type.String({ title: 'Key', description: 'The private key of the certificate, as PEM text.' })),
      { secret: true },
    ),
  },
  {
    title: 'TLS',
    description: 'How the connection is encrypted. Without it: verified, and in plain text to this machine alone.',
    additionalProperties: false,
  },
);

export const configSchema = Type.Object(
  {
    address: Type.String({
      title: 'Address',
      description:
        'The server: host or host:port, with port 5432 unless it is said, or the folder of its socket, such as /run/postgresql.',
      pattern: addressPattern,
    }),
    database: Type.String({ title: 'Database', description: 'The database to write to.', minLength: 1 }),
    user: Type.String({ title: 'User', description: 'Whom to connect as.', minLength: 1 }),
    password: annotated(Type.Optional(Type.String({ title: 'Password', description: 'The password of the user.' })), {
      secret: true,
    }),
    schema: Type.Optional(
      Type.String({
        title: 'Schema',
        description: 'Where the tables are, unless a binding says it, and those of aftercommit itself. It must exist.',
        minLength: 1,
        default: 'public',
      }),
    ),
    stateSchema: Type.Optional(
      Type.String({
        title: 'Schema of the state',
        description:
          'Where the state has its tables, if it is kept in this database too: then it is committed in one transaction with the rows.',
        pattern: '^[a-z_][a-z0-9_]{0,47}$',
        default: 'aftercommit',
      }),
    ),
    tls: Type.Optional(tls),
  },
  { title: 'PostgreSQL', description: 'Keeps tables in a PostgreSQL database.', additionalProperties: false },
);

export const resourceSchema = Type.Object(
  {
    table: Type.String({
      title: 'Table',
      description: 'The table that is made for the collection and kept up to date.',
      minLength: 1,
    }),
    schema: Type.Optional(
      Type.String({
        title: 'Schema',
        description: "The schema of the table. The endpoint's unless it is said. It must exist.",
        minLength: 1,
      }),
    ),
    delta: Type.Optional(
      Type.Boolean({
        title: 'Delta',
        description: 'Append a row for every document, instead of keeping one row per key.',
        default: false,
      }),
    ),
  },
  { title: 'PostgreSQL table', description: 'One table of the database.', additionalProperties: false },
);

/**
 * What stands under `endpoint.postgres`.
 *
 * @interface
 */
export type PostgresConfig = Static<typeof configSchema>;

/**
 * What stands under `resource` of each binding.
 *
 * @interface
 */
export type PostgresResource = Static<typeof resourceSchema>;
