import type { SessionEvent } from '@aftercommit/runtime-adapter';

type Untimed<Event> = Event extends unknown ? Omit<Event, 'at' | 'materialization'> : never;

/** When the events of a story happen, unless they say so themselves. */
export const storyAt = Date.UTC(2024, 5, 15, 10, 30, 0);

/** An event of a session, some seconds after the beginning of the story. */
export function told(event: Untimed<SessionEvent>, seconds = 0, materialization = 'acmeCo/weather'): SessionEvent {
  return { ...event, at: new Date(storyAt + seconds * 1_000).toISOString(), materialization } as SessionEvent;
}

export const openedNew: Extract<Untimed<SessionEvent>, { event: 'opened' }> = {
  event: 'opened',
  epoch: '1',
  runtimeCheckpoint: 'new',
  leftOver: {},
  withoutPartner: [],
};

export function runIdOf(second: number): string {
  return `2024-06-15T10:30:${String(second).padStart(2, '0')}.000000Z`;
}

export function committed(second: number, docs: number): SessionEvent {
  return told({ event: 'committed', runId: runIdOf(second), docs, bytes: 10 * docs, commitMs: 1 }, second);
}

/** An attempt that failed; without `nextAttemptInMs` the last one. */
export function failedAttempt(trigger: string, second: number, nextAttemptInMs?: number): SessionEvent {
  return told(
    {
      event: 'attempt',
      trigger,
      runId: runIdOf(second),
      idempotencyKey: 'msg_1',
      attempt: 1,
      durationMs: 3,
      outcome: 'retry',
      reason: 'HTTP 503',
      ...(nextAttemptInMs === undefined ? {} : { nextAttemptInMs }),
    },
    second,
  );
}

export function delivered(trigger: string, second: number): SessionEvent {
  return told({ event: 'delivered', trigger, runId: runIdOf(second), idempotencyKey: 'msg_1', attempt: 1 }, second);
}

/** A delivery that was set aside after its last attempt. */
export function parked(trigger: string, second: number): SessionEvent {
  const about = { trigger, runId: runIdOf(second), idempotencyKey: 'msg_1', attempt: 3 };
  return told({ event: 'parked', ...about, outcome: 'exhausted', reason: 'HTTP 503' }, second);
}

export function waiting(trigger: string, second: number, forMs: number): SessionEvent {
  return told({ event: 'waiting', trigger, runId: runIdOf(second), forMs }, second);
}
