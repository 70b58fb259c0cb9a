import { auditTask } from '@aftercommit/persistence/audit';
import { taskKeys } from '@aftercommit/persistence/records';
import { describe, expect, it } from 'vitest';
import { AuditStory, type Entries, stateOf } from '../test/audit-story.js';

const seedsPerTest = 32;

describe('whatever happens to a task', () => {
  it.each([0, 1, 2, 3])(
    'its state is consistent, and none that lost or doubled a key passes for it (group %d of seeds)',
    async (group) => {
      for (let seed = group * seedsPerTest; seed < (group + 1) * seedsPerTest; seed += 1) {
        const story = new AuditStory(seed);
        for (let session = 0; session < 8; session += 1) {
          await story.live();
          const { inconsistencies } = auditTask(await stateOf(story.bench));
          expect([seed, session, inconsistencies]).toEqual([seed, session, []]);
        }
        if (seed % 3 !== 2) continue;
        const state = await stateOf(story.bench);
        for (const [key] of state)
          expect([seed, key, isMissed(state, key) || mayVanish(state, key)]).toEqual([seed, key, true]);
        for (const [key, copy] of copiesOf(state)) {
          expect([seed, key, copy, isNoticed(state, key, copy) || mayDouble(state, key)]).toEqual([
            seed,
            key,
            copy,
            true,
          ]);
        }
      }
    },
    60_000,
  );
});

function isMissed(state: Entries, key: string): boolean {
  return auditTask(state.filter(([one]) => one !== key)).inconsistencies.length > 0;
}

function isNoticed(state: Entries, key: string, copy: string): boolean {
  const record = state.find(([one]) => one === key)?.[1] ?? null;
  const doubled: Entries = [...state, [copy, record]];
  return auditTask(doubled.sort(([left], [right]) => (left < right ? -1 : 1))).inconsistencies.length > 0;
}

/** Whether nothing is lost with a key. These are the only ones that an audit does not miss. */
function mayVanish(state: Entries, key: string): boolean {
  const [, id = '', part = '', runId = ''] = /^outbox\/(\d+)\/([^/]+)\/?([^~]*)/.exec(key) ?? [];
  const ofOutbox = state.filter(([one]) => one.startsWith(`outbox/${id}/`));
  // A request of a person, who sees that nothing came of it.
  if (key.startsWith(taskKeys.mailbox)) return true;
  // The next delivery is taken earlier than its interval says.
  if (part === 'last-fired') return true;
  // The attempts of a delivery count from 1 again. One that was taken is missed: what it is would change.
  if (part === 'delivery') return true;
  // Of an outbox that was never told of anything.
  if (part === 'about') return ofOutbox.length === 1;
  // Later commits say the same: that run ids are above it.
  if (key === taskKeys.lastRun) return true;
  // The task is beginning again as it is, and no outbox was told of anything since.
  if (key.startsWith(taskKeys.commits)) return JSON.stringify(recordAt(state, taskKeys.lastRun)).includes('"commit"');
  // No later commit follows it, and every outbox that it told is gone, or was told of its run by another.
  if (key.startsWith(taskKeys.committed)) return isOfNobody(state, key);
  // The endpoint brought its commit along more than once, and something else is of that.
  if (part === 'window' || part === 'parked' || part === 'done')
    return timesAdopted(state, id, ofRun(state, key) ?? runId) > 1;
  return false;
}

function isOfNobody(state: Entries, key: string): boolean {
  const last = auditTask(state).commits.at(-1);
  if (last === undefined || key !== taskKeys.committedCommit(last.number)) return false;
  return last.outboxes.every(
    ({ outbox, standing }) => standing === 'removed' || timesAdopted(state, outbox, last.runId) > 1,
  );
}

/** Whether nothing comes of a key that is there once more, under the name of another outbox. */
function mayDouble(state: Entries, key: string): boolean {
  // A delivery has waited, or waits, for nothing.
  if (/\/(last-fired|delivery)$/.test(key)) return true;
  // What an endpoint brings along may be there already.
  return JSON.stringify(recordAt(state, key)).includes('"maybeSeen":true');
}

/** How often an outbox was told by an endpoint of one run. */
function timesAdopted(state: Entries, id: string, runId: string): number {
  const { commits } = auditTask(state);
  const told = commits.filter(({ outboxes }) => outboxes.some(({ outbox }) => outbox === id));
  return told.filter((commit) => commit.isAdopted && commit.runId === runId).length;
}

/** The run id of a window, which may stand elsewhere. */
function ofRun(state: Entries, key: string): string | undefined {
  return /"run_id":"([^"]+)"/.exec(JSON.stringify(recordAt(state, key)))?.[1];
}

function recordAt(state: Entries, key: string): unknown {
  return state.find(([one]) => one === key)?.[1] ?? null;
}

/** Keys under which records could stand once more, and are none. */
function copiesOf(state: Entries): Array<[key: string, copy: string]> {
  const keys = state.map(([key]) => key);
  const ids = [...new Set(keys.flatMap((key) => /^outbox\/(\d+)\//.exec(key)?.[1] ?? []))];
  const copies = keys.flatMap((key): Array<[string, string]> => {
    if (key.startsWith('outbox/')) {
      const others = [...ids, '000099'].map((id) => key.replace(/\d+/, id));
      const behind = /\/window\/[^~]+$/.test(key) ? [`${key}~00000009`] : [];
      return [...others, ...behind].map((copy) => [key, copy]);
    }
    return /^commit/.test(key) ? [[key, key.replace(/\d$/, '9').replace('/0', '/1')]] : [];
  });
  return copies.filter(([, copy]) => !keys.includes(copy));
}
