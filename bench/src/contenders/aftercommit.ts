import { join } from 'node:path';
import { type CompiledTrigger, compileTriggers } from '@aftercommit/delivery';
import { SqliteStore } from '@aftercommit/persistence-sqlite';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { TriggerSession, type TriggerSessionOptions } from '@aftercommit/runtime-adapter';
import { webhook } from '@aftercommit/webhook';
import type { Contender } from './contender.js';
import { collectionName, payloadTemplate, taskName } from './payload.js';

const kinds = new TriggerKindRegistry([webhook]);

/** What one trigger is configured with, beside its payload. */
export type TriggerSettings = { url: string; onFailure?: 'park' };

/** Triggers of a task by their names, as somebody would configure them. */
export function triggersFrom(task: number, config: Record<string, TriggerSettings>): CompiledTrigger[] {
  const entries = Object.entries(config).map(([name, settings]) => [name, { payloadTemplate, ...settings }]);
  return compileTriggers({ config: Object.fromEntries(entries) }, kinds, { collectionNames: [collectionName(task)] });
}

export function triggersTo(task: number, urls: readonly string[]): CompiledTrigger[] {
  return triggersFrom(task, Object.fromEntries(urls.map((url, index) => [`trigger-${index}`, { url }])));
}

export async function openSession(
  store: SqliteStore,
  task: number,
  triggers: readonly CompiledTrigger[],
  options: Pick<TriggerSessionOptions, 'attemptSlots'> = {},
): Promise<TriggerSession> {
  return await TriggerSession.open({
    store,
    materialization: taskName(task),
    bindings: [{ collection: collectionName(task), resourcePath: ['orders', `orders_${task}`] }],
    triggers,
    ...options,
  });
}

export const aftercommit: Contender = {
  name: 'aftercommit',
  choices: 'TriggerSession, SqliteStore and webhook as they are shipped (dist); one session for each task, one store.',
  async open({ folder, tasks, triggerUrls }) {
    const store = SqliteStore.open(join(folder, 'state.db'));
    const sessions: TriggerSession[] = [];
    for (let task = 0; task < tasks; task += 1) {
      const session = await openSession(store, task, triggersTo(task, triggerUrls(task)));
      await session.acknowledged();
      sessions.push(session);
    }
    return {
      async run({ task, number, committing, committed }) {
        const session = sessions[task] as TriggerSession;
        const transaction = session.begin();
        transaction.add(0, { bytes: number });
        await session.settled();
        const batch = session.newBatch();
        committing?.();
        session.stage(transaction, { offset: number }, batch);
        await session.commit(batch);
        committed?.();
        await session.acknowledged();
        await session.settled();
      },
      async close() {
        await Promise.all(sessions.map((session) => session.close()));
        await store.close();
      },
    };
  },
};
