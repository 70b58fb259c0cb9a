/** Where the tables are unless it is said otherwise. */
export const defaultSchema = 'aftercommit';

/**
 * Throws a `TypeError` unless the name needs no quotes in SQL, and leaves room for what is made of it: names of statements
 * are cut after 63 characters.
 */
export function assertSchemaName(schema: string): void {
  if (/^[a-z_][a-z0-9_]{0,47}$/.test(schema) && !schema.startsWith('pg_')) return;
  throw new TypeError(
    `The schema ${JSON.stringify(schema)} has no plain name: up to 48 lower-case letters, digits and _, not beginning ` +
      `with a digit or pg_`,
  );
}
