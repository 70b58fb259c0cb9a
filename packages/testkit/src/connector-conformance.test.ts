import { describe, expect, test } from 'vitest';
import { memorySubject } from '../test/memory-subject.js';
import { connectorConformance } from './connector-conformance.js';

for (const owner of ['store', 'endpoint'] as const) {
  describe(`an endpoint in memory, whose runtime checkpoint is kept by the ${owner}`, () => {
    for (const { title, run, skip } of connectorConformance(memorySubject(owner))) {
      test.skipIf(skip !== undefined)(title, run);
    }
  });
}

describe('the conformance cases', () => {
  const { create } = memorySubject('store');

  test('have titles of their own', () => {
    const titles = connectorConformance({ runtimeCheckpointOwner: 'store', create }).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  test('say why they are skipped', () => {
    const cases = connectorConformance({ runtimeCheckpointOwner: 'store', create });
    expect(new Set(cases.map(({ skip }) => skip))).toEqual(
      new Set([
        undefined,
        'is about connectors whose runtime checkpoint is kept by the endpoint',
        'the subject has no binding that is appended to',
        'the subject has no connector with the other owner of the runtime checkpoint',
        'the subject cannot lose stagings behind the connector',
        'the subject has no store in the database of its endpoint',
      ]),
    );
  });
});
