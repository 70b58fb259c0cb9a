/** The facts of one transaction, as everybody stores them. */
export type Facts = {
  materialization_name: string;
  connector_image: string;
  collection_names: string[];
  resource_paths: string[][];
  flow_published_at_min: string;
  flow_published_at_max: string;
  run_id: string;
  docs_total: number;
  bytes_total: number;
};

const note = 'new documents have been committed, and are visible in the endpoint that they were written to';

/** What we are configured with: about 300 bytes once rendered. */
export const payloadTemplate = `{"text":"{{materialization_name}}: {{docs_total}} ${note}","collections":{{json collection_names}},"resources":{{json resource_paths}},"run":"{{run_id}}","docs":{{docs_total}},"bytes":{{bytes_total}},"steps":["build","test"]}`;

/** The same payload, byte for byte, as somebody would write it by hand. */
export function renderByHand(facts: Facts): string {
  return JSON.stringify({
    text: `${facts.materialization_name}: ${facts.docs_total} ${note}`,
    collections: facts.collection_names,
    resources: facts.resource_paths,
    run: facts.run_id,
    docs: facts.docs_total,
    bytes: facts.bytes_total,
    steps: ['build', 'test'],
  });
}

export function taskName(task: number): string {
  return `acmeCo/benchmarks/orders-${task}`;
}

export function collectionName(task: number): string {
  return `acmeCo/shop/orders-${task}`;
}

/** The window of a transaction with one document. */
export function factsOf(task: number, number: number): Facts {
  return {
    materialization_name: taskName(task),
    connector_image: '',
    collection_names: [collectionName(task)],
    resource_paths: [['orders', `orders_${task}`]],
    flow_published_at_min: '',
    flow_published_at_max: '',
    run_id: `${new Date().toISOString().slice(0, -1)}000Z`,
    docs_total: 1,
    bytes_total: number,
  };
}
