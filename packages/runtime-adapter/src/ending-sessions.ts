import type { Store } from '@aftercommit/persistence';

/**
 * Sessions of this process that are coming to their end, by store and task. A session that is opened meanwhile waits for
 * them: otherwise it would fence them, and what they had delivered and not yet cleared would be delivered again (I7). It
 * hangs on the caller's own store, and knows nothing of sessions that nobody ends.
 */
const endings = new WeakMap<Store, Map<string, Promise<void>>>();

/** The session of the task has begun to end. */
export function noteEnding(store: Store, task: string, ending: Promise<void>): void {
  const tasks = endings.get(store) ?? new Map<string, Promise<void>>();
  endings.set(store, tasks);
  tasks.set(task, ending);
  void ending.then(() => {
    if (tasks.get(task) === ending) tasks.delete(task);
  });
}

/** Resolves when no session of the task is coming to its end. */
export async function noneEnding(store: Store, task: string): Promise<void> {
  await endings.get(store)?.get(task);
}
