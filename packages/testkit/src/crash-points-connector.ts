import type { BindingKey, Connector, LoadedDocument, StoreDocument } from '@aftercommit/runtime-adapter';
import type { Life } from './crash-points-life.js';

/** A connector that dies around its calls, and within `store`. */
export function crashingConnector(connector: Connector, life: Life): Connector {
  return {
    runtimeCheckpointOwner: connector.runtimeCheckpointOwner,
    open: (from) => life.between('open-endpoint', () => connector.open(from)),
    acknowledge: () => life.between('acknowledge', () => connector.acknowledge()),
    load: (keys) => loading(connector, keys, life),
    flush: () => life.between('flush', () => connector.flush()),
    store: (documents) => life.between('store', () => connector.store(withinStore(documents, life))),
    startCommit: (runtimeCheckpoint, batch) =>
      life.between('start-commit', () => connector.startCommit(runtimeCheckpoint, batch)),
    close: () => life.between('close-endpoint', () => connector.close()),
  };
}

async function* loading(
  connector: Connector,
  keys: AsyncIterable<BindingKey>,
  life: Life,
): AsyncGenerator<LoadedDocument, void, undefined> {
  await life.reach('before-load');
  for await (const loaded of connector.load(keys)) {
    await life.alive();
    yield loaded;
  }
  await life.reach('after-load');
}

/** The point lies where the connector has taken its first document, and asks for more. */
async function* withinStore(
  documents: AsyncIterable<StoreDocument>,
  life: Life,
): AsyncGenerator<StoreDocument, void, undefined> {
  let taken = 0;
  for await (const document of documents) {
    yield document;
    taken += 1;
    if (taken === 1) await life.reach('within-store');
    else await life.alive();
  }
}
