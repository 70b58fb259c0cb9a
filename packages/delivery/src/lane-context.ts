import type { TaskState } from '@aftercommit/persistence';
import type { Clock, Logger, Random } from '@aftercommit/registry';
import type { Redactor } from '@aftercommit/registry/redaction';
import type { AttemptSlots } from './attempt-slots.js';
import type { TraceAttempt } from './attempt-tracing.js';
import type { Condition } from './condition.js';
import type { ObserveDelivery } from './delivery-event.js';

/** What the lanes of a session share. */
export type LaneContext = {
  materialization: string;
  state: TaskState;
  clock: Clock;
  random: Random;
  /** Scrubs already. */
  logger: Logger;
  redactor: Redactor;
  observe: ObserveDelivery;
  /** Undefined: nobody traces. */
  trace: TraceAttempt | undefined;
  /** Notified whenever a lane holds up its host less than before. */
  settling: Condition;
  /** Shared with other sessions. Undefined: each lane has an attempt in flight whenever it wants. */
  slots: AttemptSlots | undefined;
};
