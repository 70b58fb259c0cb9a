import { join, resolve } from 'node:path';
import type { Store } from '@aftercommit/persistence';
import {
  type DoneDelivery,
  readDone,
  readLastCommit,
  readOutboxes,
  type StoredOutbox,
  taskKeys,
} from '@aftercommit/persistence/records';
import { Redactor } from '@aftercommit/registry/redaction';
import { withoutSecretsOf } from '../errors/unexpected-error.js';
import { UsageError } from '../errors/usage-error.js';
import type { MaterializationSpec } from '../spec/materialization-spec.js';
import { openExistingStore, placeText, type StateArguments, type StatePlace, storeUrl } from '../state/state-store.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import { readValidSpec, type SpecArguments, type SpecFile } from '../validate/spec-file.js';

/** Whose state is looked at. */
export type KeptArguments = SpecArguments & StateArguments;

/** Whose state is looked at, and for whom. */
export type Looking = KeptArguments & { json: boolean };

/** An outbox, and how its deliveries ended. */
export type KeptOutbox = StoredOutbox & { done: DoneDelivery[] };

/** What the store holds of one materialization, at one moment. */
export type KeptTask = {
  spec: MaterializationSpec;
  outboxes: KeptOutbox[];
  /** Undefined: nothing was ever committed. */
  lastCommit: ReturnType<typeof readLastCommit>;
  /** Of every trigger as it is configured now: a reason was stored without the secrets of then, and those may be others. */
  redactor: Redactor;
};

/** The state that goes with a spec. */
export type KeptStore = { given: KeptArguments; spec: SpecFile; store: Store };

/** The same, if there is one. */
export type PossibleStore = Omit<KeptStore, 'store'> & { store: Store | undefined };

/** What a command that looks at the state works with. */
export type Kept = KeptStore & { tasks: KeptTask[] };

/**
 * Reads what the store holds of every materialization of a spec. Fences nobody: a run may go on beside it.
 *
 * @throws UsageError when there is no such spec, when it has errors, and when there is no state; StoreError.
 */
export async function withKept<Result>(
  given: KeptArguments,
  io: CommandLineIo,
  work: (kept: Kept) => Promise<Result>,
): Promise<Result> {
  return await withKeptStore(given, io, async (kept) => {
    const tasks = await Promise.all(kept.spec.tasks.map((task) => readKept(kept.store, task)));
    return await work({ ...kept, tasks });
  });
}

/** As `withKept`, and reads nothing: what is stored may be damaged. */
export async function withKeptStore<Result>(
  given: KeptArguments,
  io: CommandLineIo,
  work: (kept: KeptStore) => Promise<Result>,
): Promise<Result> {
  return await withPossibleStore(given, io, async ({ spec, store }) => {
    if (store === undefined) throw new UsageError(noStateText({ given, spec }, io), { code: 'STATE_MISSING' });
    return await work({ given, spec, store });
  });
}

/** As `withKeptStore`, and a spec that was never run has no state. */
export async function withPossibleStore<Result>(
  given: KeptArguments,
  io: CommandLineIo,
  work: (kept: PossibleStore) => Promise<Result>,
): Promise<Result> {
  const spec = await readValidSpec(given, io);
  const place = placeOf(given, io, spec);
  return await withoutSecretsOf(spec, () => withStore(place, io, (store) => work({ given, spec, store })));
}

async function withStore<Result>(
  place: StatePlace,
  io: CommandLineIo,
  work: (store: Store | undefined) => Promise<Result>,
): Promise<Result> {
  const store = await openExistingStore(place, io);
  try {
    return await work(store);
  } finally {
    await store?.close();
  }
}

async function readKept(store: Store, spec: MaterializationSpec): Promise<KeptTask> {
  const entries = await store.read(spec.name);
  const under = (prefix: string): typeof entries => entries.filter(([key]) => key.startsWith(prefix));
  return {
    spec,
    outboxes: readOutboxes(under(taskKeys.outboxes)).map((outbox) => ({
      ...outbox,
      done: readDone(outbox.id, under(taskKeys.doneOf(outbox.id))),
    })),
    lastCommit: readLastCommit(under(taskKeys.commits)),
    redactor: new Redactor(spec.triggers.flatMap(({ secrets }) => secrets)),
  };
}

/** That there is no state: one that is mistyped looks the same. */
export function noStateText({ given, spec }: Pick<KeptStore, 'given' | 'spec'>, io: CommandLineIo): string {
  const place = placeOf(given, io, spec);
  const flag = 'file' in place ? '--state' : '--store';
  return `There is no state ${placeText(place)}: ${spec.path} was never run, or with another ${flag}.`;
}

function placeOf(given: StateArguments, io: CommandLineIo, spec: SpecFile): StatePlace {
  const url = storeUrl(given, io.env);
  return url === undefined ? { file: stateOf(given.state, io.cwd, spec) } : { url };
}

function stateOf(given: string | undefined, cwd: string, { directory }: SpecFile): string {
  return given === undefined ? join(directory, '.aftercommit', 'state.db') : resolve(cwd, given);
}
