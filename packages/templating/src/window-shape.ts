import type { TemplateVariables } from './template-shape.js';

/**
 * The variables of every committed transaction, to which a trigger kind adds its own, such as `headers`. What each of them says
 * stands at `Window` of `@aftercommit/models`.
 */
export const windowShape: TemplateVariables = {
  materialization_name: 'string',
  connector_image: 'string',
  collection_names: { array: 'string' },
  resource_paths: { array: { array: 'string' } },
  flow_published_at_min: 'string',
  flow_published_at_max: 'string',
  run_id: 'string',
  docs_total: 'number',
  bytes_total: 'number',
};
