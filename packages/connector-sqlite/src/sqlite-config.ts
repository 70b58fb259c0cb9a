import Type, { type Static } from 'typebox';

export const configSchema = Type.Object(
  {
    path: Type.String({
      title: 'Path',
      description: 'The database file, relative to the spec. Created when there is none; its folder must exist.',
      minLength: 1,
    }),
    runtimeCheckpointOwner: Type.Optional(
      Type.Enum(['endpoint', 'store'], {
        title: 'Runtime checkpoint owner',
        description:
          'endpoint: rows and runtime checkpoint are committed here in one transaction. store: rows are staged here, ' +
          'and applied when the store has committed.',
        default: 'endpoint',
      }),
    ),
  },
  { title: 'SQLite', description: 'Keeps tables in an SQLite file.', additionalProperties: false },
);

export const resourceSchema = Type.Object(
  {
    table: Type.String({
      title: 'Table',
      description: 'The table that is made for the collection and kept up to date.',
      minLength: 1,
    }),
    delta: Type.Optional(
      Type.Boolean({
        title: 'Delta',
        description: 'Append a row for every document, instead of keeping one row per key.',
        default: false,
      }),
    ),
  },
  { title: 'SQLite table', description: 'One table of the file.', additionalProperties: false },
);

/**
 * What stands under `endpoint.sqlite`.
 *
 * @interface
 */
export type SqliteConfig = Static<typeof configSchema>;

/**
 * What stands under `resource` of each binding.
 *
 * @interface
 */
export type SqliteResource = Static<typeof resourceSchema>;
