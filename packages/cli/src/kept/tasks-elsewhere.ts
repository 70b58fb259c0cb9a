import { taskKeys } from '@aftercommit/persistence/records';
import { counted, inThousands, oneLine } from '../terminal/readable-text.js';
import type { KeptStore } from './kept-state.js';

/** A materialization that the state has and the spec has not, and what it keeps. */
export type TaskElsewhere = { materialization: string; waiting: number; parked: number };

/**
 * Those that keep something, by name: they were renamed or removed, or are of another spec with the same state. Counted by
 * keys alone: whether what is stored of them can be read is no matter of this spec.
 */
export async function tasksElsewhere({ spec, store }: Pick<KeptStore, 'spec' | 'store'>): Promise<TaskElsewhere[]> {
  const known = new Set(spec.tasks.map(({ name }) => name));
  const unknown = (await store.tasks()).filter((name) => !known.has(name));
  const tasks = await Promise.all(
    unknown.map(async (materialization) => {
      const keys = (await store.read(materialization)).map(([key]) => key);
      return { materialization, waiting: countOf('window', keys), parked: countOf('parked', keys) };
    }),
  );
  return tasks.filter(({ waiting, parked }) => waiting + parked > 0);
}

function countOf(wanted: 'window' | 'parked', keys: readonly string[]): number {
  const inOutboxes = keys.filter((key) => key.startsWith(taskKeys.outboxes));
  return inOutboxes.filter((key) => key.split('/')[2] === wanted).length;
}

/** For people. */
export function elsewhereLine({ materialization, waiting, parked }: TaskElsewhere, specPath: string): string {
  const kept = [
    ...(waiting === 0 ? [] : [`${counted(waiting, 'window')} to deliver`]),
    ...(parked === 0 ? [] : [`${inThousands(parked)} parked`]),
  ];
  return (
    `${oneLine(materialization)}: is not in ${specPath}, and keeps ${kept.join(' and ')}; ` +
    'the spec that has it goes on with them: if it was renamed, call it so again'
  );
}

/** For programs. */
export function elsewhereObject({ materialization, waiting, parked }: TaskElsewhere): Record<string, unknown> {
  return { materialization, isInSpec: false, waiting, parked };
}
