import { AssertionError } from 'node:assert/strict';
import { type Document, parseDocument, printDocument } from '@aftercommit/models';
import { type BindingKey, type Connector, isConnectorError, type LoadedDocument } from '@aftercommit/runtime-adapter';
import { expect, test } from 'vitest';
import { connectorConformance } from '../src/connector-conformance.js';
import type { MemoryEndpoint } from '../src/memory-endpoint.js';
import { afterApplying, afterStaging, type MemoryEndpointState, type Staging } from '../src/memory-endpoint-state.js';
import { memorySubject } from './memory-subject.js';

type Owner = 'store' | 'endpoint';

/** One way to get a connector wrong, and the case that is there to catch it; others may fail as well. */
export type Mutant = {
  caughtBy: string;
  /** Undefined: it is caught under either owner of the runtime checkpoint. */
  owner?: Owner;
  /** What it does differently from a connector that keeps the contract. */
  differs: (own: Connector, endpoint: MemoryEndpoint) => Partial<Connector>;
};

/** One test per mutant and owner, whose title says which case catches it. */
export function testMutants(mutants: Record<string, Mutant>): void {
  for (const [name, { caughtBy, owner, differs }] of Object.entries(mutants)) {
    for (const each of owner === undefined ? (['store', 'endpoint'] as const) : [owner]) {
      test(`a connector that ${name} (${each}) fails "${caughtBy}"`, async () => {
        const subject = memorySubject(each, (own, endpoint) => different(own, differs(own, endpoint)));
        const cases = connectorConformance({ ...subject, patienceMs: 200 });
        const catching = cases.filter(({ title, skip }) => title === caughtBy && skip === undefined);
        expect(catching).toHaveLength(1);
        const [result] = await Promise.allSettled([catching[0]?.run()]);
        const reason: unknown = result.status === 'rejected' ? result.reason : 'nothing was caught';
        // Anything else is a fault of the mutant itself, and no catch.
        expect(reason instanceof AssertionError || isConnectorError(reason), String(reason)).toBe(true);
      });
    }
  }
}

/** A connector of its own kind, so that what is wrapped cannot tell. */
export function different(own: Connector, difference: Partial<Connector>): Connector {
  return {
    runtimeCheckpointOwner: own.runtimeCheckpointOwner,
    open: (from) => own.open(from),
    acknowledge: () => own.acknowledge(),
    load: (keys) => own.load(keys),
    flush: () => own.flush(),
    store: (documents) => own.store(documents),
    startCommit: (runtimeCheckpoint) => own.startCommit(runtimeCheckpoint),
    close: () => own.close(),
    ...difference,
  };
}

export function found(endpoint: MemoryEndpoint, { binding, key }: BindingKey): LoadedDocument[] {
  const text = endpoint
    .copy()
    .tables.get(binding)
    ?.get(printDocument([...key]));
  return text === undefined ? [] : [{ binding, document: parseDocument(text) as Document }];
}

export async function* mapped<From, To>(
  items: AsyncIterable<From>,
  change: (item: From) => To[] | Promise<To[]>,
): AsyncGenerator<To> {
  for await (const item of items) yield* await change(item);
}

export async function* asynchronous<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

/** What is broken in those that use it: they take an error for the end. */
export async function* untilError<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  try {
    yield* items;
  } catch {
    return;
  }
}

/** What the endpoint holds after a staging was applied, whether it was before or not. */
export function applyAgain(state: MemoryEndpointState, staging: Staging): MemoryEndpointState {
  return afterApplying(afterStaging(state, { ...staging, epoch: state.epoch }), state.epoch, {
    ...staging,
    epoch: state.epoch,
  });
}
