import type { Store } from '@aftercommit/persistence';
import type { PostgresStore } from '@aftercommit/persistence-postgres';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { UsageError } from '../errors/usage-error.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';

/** Where the state is, as it was given. Neither: AFTERCOMMIT_STORE, or else a file beside the spec. */
export type StateArguments = {
  /** A file, relative to the working folder. */
  state?: string;
  /** The URL of a database. */
  store?: string;
};

/** Where the state is: in a file, or in a database that several hosts may share. */
export type StatePlace = { readonly file: string } | { readonly url: string };

/**
 * The database that has the state. Undefined: a file has it. The environment is the better place for a URL with a password:
 * everybody on a machine can read arguments.
 *
 * @throws UsageError when it is no URL of PostgreSQL. It is not quoted: it may hold a password.
 */
export function storeUrl(given: StateArguments, env: CommandLineIo['env']): string | undefined {
  if (given.store === undefined && given.state !== undefined) return undefined;
  const url = given.store ?? (env['AFTERCOMMIT_STORE'] || undefined);
  if (url === undefined || /^postgres(ql)?:\/\//.test(url)) return url;
  const name = given.store === undefined ? 'AFTERCOMMIT_STORE' : '--store';
  throw new UsageError(
    `${name} is no URL of a PostgreSQL database: write postgres://user@host/database. A file is named with --state.`,
  );
}

/**
 * Opens the store of a command, whatever it does with it.
 *
 * @param warn Told what the server's settings put at risk. Default: nobody is.
 * @throws UsageError for a URL that cannot be read, and StoreError.
 */
export async function openStateStore(
  place: StatePlace,
  { clock }: Pick<CommandLineIo, 'clock'>,
  warn: (message: string) => void = () => undefined,
): Promise<Store> {
  if ('file' in place) return SqliteStore.open({ path: place.file, now: () => clock.now() });
  return await inPostgres(async (store) => await store.open({ url: place.url, warn }));
}

/**
 * Opens the store of a command that only looks: where there is no state it makes none, also not in a database of others.
 *
 * @returns Undefined when there is none.
 * @throws UsageError for a URL that cannot be read, and StoreError.
 */
export async function openExistingStore(
  place: StatePlace,
  io: Pick<CommandLineIo, 'clock'>,
): Promise<Store | undefined> {
  if ('file' in place) return SqliteStore.openExisting({ path: place.file, now: () => io.clock.now() });
  return await inPostgres(async (store) => await store.openExisting(place.url));
}

/** Where the state is, for people. */
export function placeText(place: StatePlace): string {
  return 'file' in place ? place.file : `in ${withoutPassword(place.url)}`;
}

/** Only for those who have such a store: the driver takes as long to load as a short run. */
async function inPostgres<Opened>(open: (store: typeof PostgresStore) => Promise<Opened>): Promise<Opened> {
  const { PostgresStore: store } = await import('@aftercommit/persistence-postgres');
  try {
    return await open(store);
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`The URL of the store cannot be used. ${error.message}.`);
    throw error;
  }
}

/**
 * A connection URL for people: without its password, also where that was not encoded (`#`, `/`, `?`) and the URL cannot be used:
 * it is said before anybody connects.
 */
export function withoutPassword(url: string): string {
  return url
    .replace(/^(\w+:\/\/[^/?#@:]*):[^/?#]*@/, '$1@')
    .replace(unencodedPassword, '$1@')
    .replaceAll(/([?&])(?:password|sslpassword)=[^&]*&?/g, '$1')
    .replace(/[?&]$/, '');
}

/** What follows the first colon, up to the last `@`, unless it is a port and what can stand behind one. */
const unencodedPassword = /^(\w+:\/\/[^/?#@:]*):(?!\d*(?:,[^/?#@]*)?(?:\/[^?@]*(?:\?.*)?)?$).*@/;
