import Type, { type Static } from 'typebox';
import { compareText } from './text-order.js';
import { parseTimestamp } from './timestamp.js';

/**
 * The trigger variables of one committed transaction, or the union of several. The names are data, written in
 * templates by users, and so keep snake_case.
 */
export const WindowSchema = Type.Object(
  {
    materialization_name: Type.String({ description: 'The materialization whose transaction committed.' }),
    connector_image: Type.String({ description: 'The image of its connector; "" for endpoints that are not images.' }),
    collection_names: Type.Array(Type.String(), {
      description: 'Collections that contributed documents: sorted, unique, never empty.',
    }),
    resource_paths: Type.Array(Type.Array(Type.String()), {
      description: 'Endpoint resources that received documents, each as its path: sorted, unique.',
    }),
    flow_published_at_min: Type.String({ description: 'Earliest clock of the documents (RFC 3339); "" without one.' }),
    flow_published_at_max: Type.String({ description: 'Latest clock of the documents (RFC 3339); "" without one.' }),
    run_id: Type.String({ description: 'Start of the transaction, RFC 3339; of a union, of its first transaction.' }),
    docs_total: Type.Integer({ minimum: 0, description: 'Source documents read, each counted once.' }),
    bytes_total: Type.Integer({ minimum: 0, description: 'Bytes of these documents as read.' }),
  },
  { title: 'Window', description: 'The variables of a committed transaction, as templates see them.' },
);

/**
 * The variables of a committed transaction, or of several that are delivered as one.
 *
 * @interface
 */
export type Window = Static<typeof WindowSchema>;

/** The window of two neighbours, as one delivery: `first` committed before `second`. Neither is changed. */
export function uniteWindows(first: Window, second: Window): Window {
  return {
    ...first,
    collection_names: sortedNames([...first.collection_names, ...second.collection_names]),
    resource_paths: sortedPaths([...first.resource_paths, ...second.resource_paths]),
    flow_published_at_min: earlier(first.flow_published_at_min, second.flow_published_at_min),
    flow_published_at_max: later(first.flow_published_at_max, second.flow_published_at_max),
    docs_total: first.docs_total + second.docs_total,
    bytes_total: first.bytes_total + second.bytes_total,
  };
}

/** A copy that shares nothing with the window. */
export function copyWindow(window: Window): Window {
  return {
    ...window,
    collection_names: [...window.collection_names],
    resource_paths: window.resource_paths.map((path) => [...path]),
  };
}

/** Sorted by code point, each once. */
export function sortedNames(names: readonly string[]): string[] {
  if (names.length < 2) return [...names];
  return [...new Set(names)].sort(compareText);
}

/** Sorted part by part, each path once. */
export function sortedPaths(paths: ReadonlyArray<readonly string[]>): string[][] {
  if (paths.length < 2) return paths.map((path) => [...path]);
  const unique = new Map(paths.map((path) => [JSON.stringify(path), [...path]]));
  return [...unique.values()].sort(comparePaths);
}

function comparePaths(left: string[], right: string[]): number {
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareText(part, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function earlier(left: string, right: string): string {
  if (left === '' || right === '') return left || right;
  return parseTimestamp(right) < parseTimestamp(left) ? right : left;
}

function later(left: string, right: string): string {
  if (left === '' || right === '') return left || right;
  return parseTimestamp(right) > parseTimestamp(left) ? right : left;
}
