import type { IssueCollector, SpecPath } from './issue-collector.js';
import type { ReadMaterialization } from './read-materialization.js';

/** Reports resources that several of the materializations which run write to: each would overwrite the rows of the others. */
export function checkSharedResources(materializations: readonly ReadMaterialization[], issues: IssueCollector): void {
  const writers = new Map<string, { materialization: string; path: SpecPath }>();
  for (const { name, bindings, endpoint, isDisabled } of materializations) {
    const { kind, config } = endpoint;
    if (isDisabled || config === undefined || kind?.resourceIdentity === undefined) continue;
    for (const { resource, resourcePath, path } of bindings) {
      if (resource === undefined) continue;
      const identity = JSON.stringify([kind.name, kind.resourceIdentity(config, resource)]);
      const first = writers.get(identity);
      if (first === undefined) {
        writers.set(identity, { materialization: name, path });
      } else if (first.materialization !== name) {
        // Those of one materialization are said where its bindings are read.
        const message = `${resourcePath.join('.')} of this endpoint is written by materialization "${first.materialization}" already, in line ${issues.lineOf(first.path)}. Give each a resource of its own, or disable one.`;
        issues.error('CONFIG_RESOURCE_DUPLICATE', [...path, 'resource'], message);
      }
    }
  }
}
