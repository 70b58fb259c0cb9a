import assert from 'node:assert/strict';
import type { JsonObject } from '@aftercommit/models';
import type { Fence, Store } from '@aftercommit/persistence';
import {
  type Connector,
  type ConnectorError,
  type ConnectorErrorCode,
  isConnectorError,
  type RuntimeCheckpointValue,
  type StoreDocument,
} from '@aftercommit/runtime-adapter';
import { assertSameDocuments } from './connector-documents.js';
import type { Kept } from './connector-kept.js';
import { ConnectorSession } from './connector-session.js';
import type { ConnectorSubject, EndpointUnderTest } from './connector-subject.js';

/** What a case needs from the subject beyond making an endpoint. */
export type ConnectorAbility = 'hasDeltaBinding' | 'connectOther' | 'loseStagings' | 'openStore';

/** One fact about connectors. */
export type ConnectorCase = {
  readonly title: string;
  /** Whose runtime checkpoint it is about. Undefined: either. */
  readonly owner?: 'store' | 'endpoint';
  readonly needs?: ConnectorAbility;
  readonly run: (bench: ConnectorBench) => Promise<void>;
};

/** From where a session is opened. Whatever is left out is what the store would say. */
export type OpenFrom = {
  epoch?: bigint;
  kept?: Kept;
  /** Whether the other connector is used, with the other owner of the runtime checkpoint. */
  isOther?: boolean;
  /** Of the store's session. Undefined: the store commits by itself. */
  fence?: Fence;
};

/** An epoch as stores give them out: microseconds since 1970. */
const firstEpoch = 1_700_000_000_000_000n;

/** One case's view of an endpoint: plays the runtime and its store, and closes every connector in the end. */
export class ConnectorBench {
  readonly subject: ConnectorSubject;
  readonly endpoint: EndpointUnderTest;
  /** What the store committed last. Whether it commits is what a case is about: see `keep`. */
  kept: Kept = {};
  readonly #connectors = new Set<Connector>();
  readonly #stores: Store[] = [];
  #epoch = firstEpoch;
  #transactions = 0;

  constructor(subject: ConnectorSubject, endpoint: EndpointUnderTest) {
    this.subject = subject;
    this.endpoint = endpoint;
  }

  /** A connector that is not open yet. */
  connect(isOther = false): Connector {
    const connector = isOther ? this.subject.connectOther?.(this.endpoint) : this.endpoint.connect();
    assert.ok(connector !== undefined, 'the subject cannot do what this case needs');
    this.#connectors.add(connector);
    return connector;
  }

  /** A store in the endpoint's own database. */
  async openStore(): Promise<Store> {
    const store = await this.subject.openStore?.(this.endpoint);
    assert.ok(store !== undefined, 'the subject cannot do what this case needs');
    this.#stores.push(store);
    return store;
  }

  /** Opens the next session, whose connector finds nothing that does not fit. */
  async open(from: OpenFrom = {}): Promise<ConnectorSession> {
    const session = await this.#opened(from);
    assert.equal(session.opened.divergence, undefined, 'open() found a divergence where everything fits');
    return session;
  }

  /** Opens the next session, whose connector finds that the endpoint does not go with what the store holds. */
  async openDiverged(code: ConnectorErrorCode, from: OpenFrom = {}): Promise<ConnectorSession> {
    const session = await this.#opened(from);
    const { divergence } = session.opened;
    assert.ok(divergence !== undefined, `open() found nothing wrong, and owes the divergence ${code}`);
    assertCode(divergence, code);
    return session;
  }

  /** Opens the next session, commits one transaction, shows it, and closes. */
  async write(documents: readonly StoreDocument[]): Promise<void> {
    const session = await this.open();
    await session.commit(documents);
    await session.acknowledge();
    await session.close();
  }

  /** What the store does when it commits. */
  keep(committed: Kept): void {
    this.kept = committed;
  }

  nextEpoch(): bigint {
    this.#epoch += 1n;
    return this.#epoch;
  }

  /** The runtime checkpoint of the next transaction, as odd as they come. */
  nextRuntimeCheckpoint(parentId: string | null = this.kept.runtimeCheckpoint?.transactionId ?? null) {
    this.#transactions += 1;
    return runtimeCheckpoint(`transaction-${this.#transactions}`, parentId, this.#transactions);
  }

  async assertRows(binding: number, expected: readonly StoreDocument[], when: string): Promise<void> {
    const documents = expected.filter((document) => document.binding === binding).map(({ document }) => document);
    assertSameDocuments(await this.endpoint.rows(binding), documents, `rows of binding ${binding}: ${when}`);
  }

  /** The result, or a failure when it does not come in time; a late one is then ignored. */
  settled<Result>(work: Promise<Result>, what: string): Promise<Result> {
    const limitMs = this.subject.patienceMs ?? 4000;
    return new Promise((resolve, reject) => {
      const otherwise = new assert.AssertionError({ message: `${what} did not settle within ${limitMs} ms` });
      const limit = setTimeout(() => reject(otherwise), limitMs);
      work.then(resolve, reject).finally(() => clearTimeout(limit));
    });
  }

  async closeAll(): Promise<void> {
    for (const connector of this.#connectors) await this.close(connector);
    for (const store of this.#stores) await this.settled(store.close(), 'close() of the store');
  }

  async close(connector: Connector): Promise<void> {
    this.#connectors.delete(connector);
    await this.settled(connector.close(), 'close()');
  }

  async #opened(from: OpenFrom): Promise<ConnectorSession> {
    const { fence, epoch = fence?.epoch ?? this.nextEpoch(), kept = this.kept, isOther = false } = from;
    const connector = this.connect(isOther);
    const opened = await this.settled(connector.open({ epoch, ...kept, ...(fence && { fence }) }), 'open()');
    return new ConnectorSession(this, connector, opened, kept);
  }
}

/** Asserts that the call fails with the code. */
export async function refusal(call: Promise<unknown>, code: ConnectorErrorCode): Promise<void> {
  assertCode(await failure(call, code), code);
}

/** Asserts that the call fails, and not only because it does not settle. Gives back what it failed with. */
export async function failure(call: Promise<unknown>, reason: string): Promise<unknown> {
  const [result] = await Promise.allSettled([call]);
  assert.ok(result.status === 'rejected', `expected the call to fail: ${reason}. It succeeded`);
  if (result.reason instanceof assert.AssertionError) throw result.reason;
  return result.reason;
}

/** A few turns of the event loop: what would happen too early has the time to. */
export async function someTurns(): Promise<void> {
  for (let turn = 1; turn <= 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function assertCode(error: unknown, code: ConnectorErrorCode): asserts error is ConnectorError {
  assert.ok(isConnectorError(error), `expected a ConnectorError ${code}, met ${String(error)}`);
  assert.equal(error.code, code);
}

function runtimeCheckpoint(
  transactionId: string,
  parentId: string | null,
  number: number,
): RuntimeCheckpointValue & JsonObject {
  const runId = `2024-06-15T12:00:00.${String(number).padStart(6, '0')}Z`;
  return {
    transactionId,
    parentId,
    runId,
    window: { run_id: runId, docs_total: number, resource_paths: [['plain'], ['public', 'compound']] },
    position: JSON.parse(
      '{"z":[1e-7,-5,null,"é\\u0000\\"\\ud800"],"a":{},"":[],"__proto__":{"offset":9007199254740991}}',
    ),
  };
}
