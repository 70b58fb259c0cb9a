import { standardInput } from '../ndjson/ndjson-patterns.js';
import type { IssueCollector } from './issue-collector.js';
import type { CollectionSpec } from './read-collections.js';
import type { ReadMaterialization } from './read-materialization.js';

/** Standard input can be read once: by one collection, in one of the materializations that run. */
export function checkStandardInput(
  materializations: readonly ReadMaterialization[],
  collections: ReadonlyMap<string, CollectionSpec>,
  issues: IssueCollector,
): void {
  let reader: { collection: string; materialization: string } | undefined;
  for (const { name, bindings, endpoint, isDisabled } of materializations) {
    if (isDisabled || endpoint.kind === undefined) continue;
    for (const { collection, path } of bindings) {
      if (collection === undefined || !collections.get(collection)?.patterns?.includes(standardInput)) continue;
      reader ??= { collection, materialization: name };
      if (reader.collection === collection && reader.materialization === name) continue;
      const by =
        reader.collection === collection
          ? `materialization ${reader.materialization}`
          : `collection ${reader.collection}`;
      const message = `Collection "${collection}" is read from standard input, which ${by} reads already. Use a file for one of them.`;
      issues.error('CONFIG_SOURCE_INVALID', [...path, 'source'], message);
    }
  }
}
