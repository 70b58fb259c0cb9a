import type { Json, JsonObject } from '@aftercommit/models';
import { auditTask, type Inconsistency, type InconsistencyCode, type Standing } from '@aftercommit/persistence/audit';
import { committedLimit, taskKeys } from '@aftercommit/persistence/records';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Entries, stateOf } from '../test/audit-story.js';
import { materialization, SessionBench, triggerConfig } from '../test/session-bench.js';

const failing = { outcome: 'rejected', reason: 'no' } as const;

/**
 * Five commits of 1 to 5 documents. `now` got each at once. `hourly` got the first, and the others in one delivery that
 * fails. `park` parked all: the first was dropped, the second replayed and delivered. `gone` was removed after the third.
 */
async function storyState(): Promise<Entries> {
  const bench = new SessionBench();
  bench.kind.respond('hourly', [{ outcome: 'delivered' }, { outcome: 'retry', reason: 'later' }]);
  bench.kind.respond('park', [failing, failing, failing, { outcome: 'delivered' }, failing]);
  const park = triggerConfig('park', { onFailure: 'park' });
  const hourly = triggerConfig('hourly', { interval: '1h', onFailure: 'park', maxAttempts: 9 });
  const first = await bench.open(['now', hourly, park, 'gone']);
  for (const docs of [1, 2, 3]) await bench.transact(first, docs);
  await bench.acknowledge(first);
  const parked = (await bench.outboxes()).find(({ about }) => about.name === 'park')?.parked ?? [];
  const [dropped = '', replayed = ''] = parked.map(({ idempotencyKey }) => idempotencyKey);
  await bench.store.request(materialization, { request: 'drop', outbox: 'park', keys: [dropped] });
  await bench.store.request(materialization, { request: 'replay', outbox: 'park', keys: [replayed] });
  await bench.acknowledge(first);
  await first.close();
  const second = await bench.open(['now', hourly, park]);
  for (const docs of [4, 5]) await bench.transact(second, docs);
  await bench.acknowledge(second);
  await bench.clock.advance(3_600_000);
  await second.close();
  return await stateOf(bench);
}

let story: Entries;

beforeAll(async () => {
  story = await storyState();
});

/** How each commit stands, by outbox. */
function standings(entries: Entries): Record<string, Array<Standing | undefined>> {
  const { commits } = auditTask(entries);
  const outboxes = commits.flatMap((commit) => commit.outboxes);
  const names = new Map(outboxes.map(({ outbox, name }) => [outbox, name ?? outbox]));
  return Object.fromEntries(
    [...names].map(([id, name]) => [
      name,
      commits.map((commit) => commit.outboxes.find(({ outbox }) => outbox === id)?.standing),
    ]),
  );
}

/** The key under which the n-th of what an outbox has in one of its parts is stored. Outboxes: now, hourly, park, gone. */
function keyOf(prefix: string, nth = 0): string {
  const key = story.map(([one]) => one).filter((one) => one.startsWith(prefix))[nth];
  if (key === undefined) throw new Error(`nothing is stored under ${prefix}`);
  return key;
}

function without(key: string): Entries {
  return story.filter(([one]) => one !== key);
}

function withEntry(key: string, value: Json): Entries {
  return [...without(key), [key, value] as [string, Json]].sort(([left], [right]) => (left < right ? -1 : 1));
}

function recordAt(key: string): JsonObject {
  return structuredClone(story.find(([one]) => one === key)?.[1]) as JsonObject;
}

/** The entry, but with other fields. */
function changed(key: string, fields: JsonObject): Entries {
  return withEntry(key, { ...recordAt(key), ...fields });
}

function codesOf(entries: Entries): InconsistencyCode[] {
  return auditTask(entries).inconsistencies.map(({ code }) => code);
}

describe('a consistent task', () => {
  it('has nothing inconsistent, and says how every commit stands in every outbox', () => {
    expect(auditTask(story).inconsistencies).toEqual([]);
    expect(standings(story)).toEqual({
      now: ['delivered', 'delivered', 'delivered', 'delivered', 'delivered'],
      hourly: ['delivered', 'being-tried', 'being-tried', 'being-tried', 'being-tried'],
      park: ['dropped', 'delivered', 'parked', 'parked', 'parked'],
      '000004': ['removed', 'removed', 'removed', undefined, undefined],
    });
  });

  it('says into which delivery a commit was united', () => {
    const { commits } = auditTask(story);
    const united = commits.map(({ outboxes }) => outboxes.find(({ name }) => name === 'hourly')?.unitedInto);
    expect(united).toEqual([null, null, commits[1]?.runId, commits[1]?.runId, commits[1]?.runId]);
  });

  it('names outboxes, and whether they have a trigger', () => {
    expect(auditTask(story).outboxes).toEqual([
      { id: '000001', name: 'now', hasTrigger: true },
      { id: '000002', name: 'hourly', hasTrigger: true },
      { id: '000003', name: 'park', hasTrigger: true },
    ]);
  });

  it('may hold keys of its host', () => {
    const entries = withEntry('mine', 1);
    expect(codesOf(entries)).toEqual(['KEY_UNKNOWN']);
    expect(auditTask(entries, { isHostKey: (key) => key === 'mine' }).inconsistencies).toEqual([]);
  });

  it('may be one that never committed', () => {
    expect(auditTask([])).toEqual({ commits: [], outboxes: [], inconsistencies: [] });
  });
});

const runIdOf = (key: string): string => key.split('/').at(-1) ?? '';
const numberKey = (number: number): string => taskKeys.committedCommit(number);

/** Each edit of the story's state, and what must be found. */
const edits: Array<[title: string, edit: () => Entries, codes: InconsistencyCode[]]> = [
  ['a delivered commit without a trace', () => without(keyOf('done/000001/')), ['COMMIT_LOST']],
  ['a parked delivery that is gone', () => without(keyOf('outbox/000003/parked/')), ['COMMIT_LOST']],
  [
    'a union that is gone while it is tried',
    () => without(keyOf('outbox/000002/window/')),
    ['COMMIT_LOST', 'DELIVERY_WITHOUT_WINDOW'],
  ],
  [
    'a commit in the middle that is gone',
    () => without(numberKey(3)),
    ['COMMIT_MISSING', 'COMMIT_UNKNOWN', 'SUM_WRONG'],
  ],
  ['the first commit that is gone', () => without(numberKey(1)), ['COMMIT_MISSING']],
  ['the last commit that outboxes were told of is gone', () => without(numberKey(5)), ['COMMIT_UNKNOWN']],
  ['the last commit is gone', () => without(taskKeys.commit(5)), ['LAST_COMMIT_WRONG', 'RUN_ID_WRONG']],
  ['two last commits', () => withEntry(taskKeys.commit(6), recordAt(taskKeys.commit(5))), ['LAST_COMMIT_WRONG']],
  [
    'an older last commit',
    () => withEntry(taskKeys.commit(4), recordAt(taskKeys.commit(5))).filter(([key]) => key !== taskKeys.commit(5)),
    ['LAST_COMMIT_WRONG'],
  ],
  [
    'a commit of another number of documents',
    () => changed(numberKey(5), { docsTotal: 50 }),
    ['LAST_COMMIT_WRONG', 'SUM_WRONG'],
  ],
  [
    'a union of other commits than it says',
    () => changedUnion({ through: runIdOf(keyOf('done/000001/', 3)) }),
    ['COMMIT_LOST', 'SUM_WRONG'],
  ],
  [
    'a union that ends before it begins',
    () => changedUnion({ through: runIdOf(keyOf('done/000001/', 0)) }),
    ['COMMIT_LOST', 'COMMIT_UNKNOWN', 'WINDOW_OUT_OF_PLACE'],
  ],
  ['a delivered window that is still there', () => windowFrom('done/000001/', 4), ['COMMIT_TWICE']],
  [
    'one idempotency key of two',
    () =>
      changed(keyOf('outbox/000003/parked/', 1), {
        idempotencyKey: recordAt(keyOf('outbox/000003/parked/'))['idempotencyKey'] ?? '',
      }),
    ['IDEMPOTENCY_KEY_TWICE'],
  ],
  [
    'a window in another place',
    () =>
      withEntry(
        taskKeys.window('000002', `${runIdOf(keyOf('outbox/000002/window/'))}~00000001`),
        recordAt(keyOf('outbox/000002/window/')),
      ).filter(([key]) => key !== keyOf('outbox/000002/window/')),
    ['WINDOW_OUT_OF_PLACE'],
  ],
  [
    'a parked one under another run id',
    () =>
      withEntry(
        taskKeys.parked('000003', '2023-01-01T00:00:00.000000Z'),
        recordAt(keyOf('outbox/000003/parked/')),
      ).filter(([key]) => key !== keyOf('outbox/000003/parked/')),
    ['WINDOW_OUT_OF_PLACE'],
  ],
  ['a taken window that is no delivery', () => without(taskKeys.delivery('000002')), ['DELIVERY_MISSING']],
  [
    'a delivery without a window',
    () => withEntry(taskKeys.delivery('000001'), recordAt(taskKeys.delivery('000002'))),
    ['DELIVERY_WITHOUT_WINDOW'],
  ],
  ['an outbox that does not say whose it is', () => without(taskKeys.outbox('000003')), ['OUTBOX_NAMELESS']],
  ['two outboxes of one name', () => changed(taskKeys.outbox('000003'), { name: 'now' }), ['OUTBOX_NAME_TWICE']],
  ['no last id of an outbox', () => without(taskKeys.lastOutbox), ['OUTBOX_ID_WRONG']],
  ['a last id that was given before', () => changed(taskKeys.lastOutbox, { id: '000003' }), ['OUTBOX_ID_WRONG']],
  [
    'run ids that do not rise',
    () => changed(numberKey(2), { outboxes: ['000004'], runId: '2023-01-01T00:00:00.000000Z' }),
    ['COMMIT_UNKNOWN', 'RUN_ID_WRONG'],
  ],
  ['a key of nobody', () => withEntry('outbox/000001/other', 1), ['KEY_UNKNOWN']],
  [
    'a commit under a number of other length',
    () => withEntry('commit/5', recordAt(taskKeys.commit(5))),
    ['KEY_UNKNOWN'],
  ],
  [
    'a value that is no record',
    () => withEntry(taskKeys.outbox('000001'), 7),
    ['OUTBOX_NAMELESS', 'RECORD_UNREADABLE'],
  ],
  [
    'too many parked',
    () =>
      withMany((runId) => [
        taskKeys.parked('000003', runId),
        {
          ...recordAt(keyOf('outbox/000003/parked/')),
          window: {
            ...(recordAt(keyOf('outbox/000003/parked/'))['window'] as JsonObject),
            run_id: runId,
          },
          idempotencyKey: runId,
        },
      ]),
    ['COMMIT_UNKNOWN', 'TOO_MANY'],
  ],
  [
    'too many that ended',
    () => withMany((runId) => [taskKeys.done('000001', runId), recordAt(keyOf('done/000001/'))]),
    ['COMMIT_UNKNOWN', 'TOO_MANY'],
  ],
];

function changedUnion(fields: JsonObject): Entries {
  return changed(keyOf('outbox/000002/window/'), fields);
}

/** A window of the run of something that is stored, as it was committed. */
function windowFrom(prefix: string, nth: number): Entries {
  const runtimeCheckpoint = recordAt(taskKeys.commit(5))['runtimeCheckpoint'] as JsonObject;
  const [, id = ''] = prefix.split('/');
  const key = taskKeys.window(id, runIdOf(keyOf(prefix, nth)));
  return withEntry(key, { idempotencyKey: 'msg_of_its_own', window: runtimeCheckpoint['window'] ?? null });
}

function withMany(entryOf: (runId: string) => [key: string, value: Json]): Entries {
  const older = Array.from(
    { length: 1_000 },
    (_none, index) => `2023-01-01T00:00:00.${String(index).padStart(6, '0')}Z`,
  );
  return [...story, ...older.map(entryOf)].sort(([left], [right]) => (left < right ? -1 : 1));
}

describe('an audit names', () => {
  it.each(edits)('%s', (_title, edit, codes) => {
    expect([...new Set(codesOf(edit()))].sort()).toEqual(codes);
  });

  it('what is lost, to whom, and what to do', () => {
    const key = keyOf('done/000001/', 1);
    const expected: Inconsistency = {
      code: 'COMMIT_LOST',
      keys: [numberKey(2)],
      outbox: 'now',
      runId: runIdOf(key),
      problem: `Outbox "now": nothing is of run ${runIdOf(key)}, which it was told of: it is neither waiting nor parked, nor was it delivered or dropped.`,
      advice: expect.stringContaining('tell the receiver yourself'),
    };
    expect(auditTask(without(key)).inconsistencies).toEqual([expected]);
  });

  it('the key and the field of what cannot be read, and no value', () => {
    const key = keyOf('outbox/000003/parked/');
    const window = { ...(recordAt(key)['window'] as JsonObject), docs_total: 'secret' };
    const [first] = auditTask(changed(key, { window })).inconsistencies.filter(
      ({ code }) => code === 'RECORD_UNREADABLE',
    );
    expect(first?.problem).toBe(
      `What "${key}" holds cannot be read: it.window.docs_total is no whole number of 0 or more.`,
    );
  });
});

describe('of more than 1,000 commits', () => {
  it('the last 1,000 are kept, and every one of them is accounted for', async () => {
    const bench = new SessionBench();
    bench.kind.respond('park', [failing, { outcome: 'delivered' }]);
    const triggers = ['now', triggerConfig('park', { onFailure: 'park' })];
    let session = await bench.open(triggers);
    for (let number = 1; number <= committedLimit + 100; number += 1) {
      await bench.transact(session, 1);
      if (number % 300 !== 0) continue;
      await session.close();
      session = await bench.open(triggers);
    }
    await bench.store.request(materialization, { request: 'replay', outbox: 'park', keys: 'all' });
    await bench.acknowledge(session);
    await session.settled();
    await session.drained();
    await session.close();
    const state = await stateOf(bench);
    const audit = auditTask(state);
    expect(audit.inconsistencies).toEqual([]);
    expect(audit.commits.map(({ number }) => number)).toEqual(
      Array.from({ length: committedLimit }, (_none, index) => index + 101),
    );
    const counts = state
      .map(([key]) => key.replace(/\d{4}-.*|\d{16}$/, ''))
      .filter((key) => /done|committed/.test(key));
    expect(counts.filter((key) => key === 'committed/')).toHaveLength(committedLimit);
    expect(counts.filter((key) => key === 'done/000002/')).toHaveLength(committedLimit);
    for (const gone of [
      keyAt(state, 'committed/', 0),
      keyAt(state, 'committed/', 500),
      keyAt(state, 'done/000002/', 0),
    ]) {
      expect(codesOf(state.filter(([key]) => key !== gone))).not.toEqual([]);
    }
  }, 60_000);
});

function keyAt(state: Entries, prefix: string, nth: number): string {
  return state.map(([key]) => key).filter((key) => key.startsWith(prefix))[nth] ?? '';
}
