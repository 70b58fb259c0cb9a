import { MemoryStore, type Store } from '@aftercommit/persistence';
import { describe, expect, test } from 'vitest';
import { FaultyStore } from './faulty-store.js';
import { storeConformance } from './store-conformance.js';
import type { StoreSubject } from './store-subject.js';

const memory: StoreSubject = {
  create: async (options) => new MemoryStore(options),
  forget: async (store, task) => (store as MemoryStore).forget(task),
};

const memories = new Map<Store, MemoryStore>();
const faulty: StoreSubject = {
  create: async (options) => {
    const inner = new MemoryStore(options);
    const store = new FaultyStore(inner);
    memories.set(store, inner);
    return store;
  },
  forget: async (store, task) => memories.get(store)?.forget(task),
  fail: async (store, fault) => (store as FaultyStore).loseNext(fault),
};

for (const [name, subject] of Object.entries({ memory, faulty })) {
  describe(`a store: ${name}`, () => {
    for (const { title, run, skip } of storeConformance(subject)) test.skipIf(skip !== undefined)(title, run);
  });
}

describe('the conformance cases', () => {
  test('have titles of their own', () => {
    const titles = storeConformance(memory).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  test('say why they are skipped', () => {
    const skipped = storeConformance(memory).filter(({ skip }) => skip !== undefined);
    expect(new Set(skipped.map(({ skip }) => skip))).toEqual(
      new Set([
        'the subject cannot open the same data again',
        'the subject has no second handle on the same data',
        'the subject cannot lose requests and replies',
      ]),
    );
  });
});
