import { formatRunId, type Json, sortedNames, sortedPaths, type Window } from '@aftercommit/models';
import {
  type CommitRecord,
  readLastCommit,
  readOutboxes,
  type StoredOutbox,
  taskKeys,
} from '@aftercommit/persistence/records';
import type { PayloadPlan } from './triggers-plan.js';

/** What is known of a task beside what is stored of it. */
export type PreviewedTask = {
  /** Its name. */
  materialization: string;
  /** The image of its connector. Undefined: its endpoint is no image. */
  connectorImage?: string | undefined;
  /** Which collections are bound to which resources of the endpoint. */
  bindings: ReadonlyArray<{
    /** The collection's name. */
    collection: string;
    /** The resource as its path. */
    resourcePath: readonly string[];
  }>;
};

/** Whose window is asked for. */
export type PreviewOptions = PreviewedTask & {
  /** Everything that is stored of the task, as `Store.read` gives it. None: it never ran. */
  entries: ReadonlyArray<readonly [key: string, value: Json]>;
  /** Milliseconds since the Unix epoch. */
  now: number;
};

/** A window to show payloads with, and where it is from. */
export type PreviewWindow = {
  /** Whether it is a real one, and of which commits. */
  from: PayloadPlan['from'];
  /** Its variables, as templates see them. */
  window: Window;
};

/**
 * The last real window of a task: of the last commit, or else the newest that an outbox holds. Without one, a placeholder, which
 * names every bound collection.
 *
 * @throws StoreError `STORE_CORRUPT` when what is stored cannot be read.
 */
export function previewWindow({ entries, now, ...task }: PreviewOptions): PreviewWindow {
  const under = (prefix: string): Array<[string, Json]> =>
    entries.flatMap(([key, value]): Array<[string, Json]> => (key.startsWith(prefix) ? [[key, value]] : []));
  const lastCommit = readLastCommit(under(taskKeys.commits))?.record;
  return windowToPreview(task, lastCommit, readOutboxes(under(taskKeys.outboxes)), now);
}

/** The same, of what was read already. */
export function windowToPreview(
  task: PreviewedTask,
  lastCommit: CommitRecord | undefined,
  outboxes: readonly StoredOutbox[],
  now: number,
): PreviewWindow {
  const committed = lastCommit?.runtimeCheckpoint.window;
  if (committed) return { from: 'last-commit', window: committed };
  const waiting = newest(outboxes.flatMap(({ windows }) => windows));
  if (waiting !== undefined) return { from: 'waiting', window: waiting };
  const parked = newest(outboxes.flatMap((outbox) => outbox.parked));
  if (parked !== undefined) return { from: 'parked', window: parked };
  return { from: 'placeholder', window: placeholder(task, now) };
}

function newest(records: ReadonlyArray<{ window: Window }>): Window | undefined {
  return records.reduce<Window | undefined>(
    (latest, { window }) => (latest === undefined || window.run_id > latest.run_id ? window : latest),
    undefined,
  );
}

/** A window names at least one collection. */
const exampleCollection = 'example/collection';

/** One document of a hundred bytes from every bound collection, read now. */
function placeholder({ materialization, connectorImage, bindings }: PreviewedTask, now: number): Window {
  const names = sortedNames(bindings.map(({ collection }) => collection));
  const collections = names.length === 0 ? [exampleCollection] : names;
  const at = new Date(now).toISOString();
  return {
    materialization_name: materialization,
    connector_image: connectorImage ?? '',
    collection_names: collections,
    // What has no connector here has no names for its resources.
    resource_paths: sortedPaths(bindings.map(({ resourcePath }) => resourcePath).filter(({ length }) => length > 0)),
    flow_published_at_min: at,
    flow_published_at_max: at,
    run_id: formatRunId(BigInt(now) * 1_000n),
    docs_total: collections.length,
    bytes_total: collections.length * 100,
  };
}
