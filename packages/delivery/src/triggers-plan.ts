import type { ConfigIssue } from '@aftercommit/models';
import type { MatchRule } from './matching-rules.js';

/** What the next opening of a task does with its outboxes, and what each trigger would send. Data alone: it can be kept as JSON. */
export type TriggersPlan = {
  /** In the order of the configuration. */
  triggers: TriggerPlan[];
  /** Outboxes that hold something and that no trigger goes on with: what they hold is kept, and fires no more. */
  withoutTrigger: LeftoverPlan[];
  /** Names of outboxes that hold nothing and that no trigger goes on with. They are removed. */
  removed: string[];
  /** The same, kept for now: a trigger that returns under the name fires no earlier than its interval allows. */
  resting: Array<{
    /** Its name. */
    outbox: string;
    /** When its interval is over, in milliseconds since the Unix epoch. */
    untilAt: number;
  }>;
  /** An error for each trigger whose payload cannot be made. */
  issues: ConfigIssue[];
};

/** What a trigger goes on with, and what it sends. */
export type TriggerPlan = {
  /** The trigger's name. */
  trigger: string;
  /** The trigger's kind. */
  kind: string;
  /** Where it delivers to, for people: scheme and host. */
  target: string;
  /** `block`: a delivery that fails for good fails the task. `park`: it is set aside. */
  onFailure: 'block' | 'park';
  /** Null: it starts with an empty outbox. */
  takesOver: TakenOver | null;
  /** Null: nothing waits. */
  waiting: WaitingPlan | null;
  /** Deliveries that are set aside. They stay so, and are replayed with this trigger. */
  parked: number;
  /** Null: it has no interval and had none. */
  interval: IntervalPlan | null;
  /** What it would send now. */
  payload: PayloadPlan;
};

/** The outbox that a trigger goes on with. */
export type TakenOver = {
  /** What it is called until then. */
  outbox: string;
  /** By what the trigger was found to be its next one. */
  rule: MatchRule;
  /** Whether a trigger had it at the last opening. */
  hadTrigger: boolean;
  /** What is different from then. A secret that changed is not seen: nothing of secrets is stored. */
  changes: PlanChange[];
};

/**
 * What of a trigger is different. `target`: a field that its kind protects, such as the URL. `settings`: none of the others, but
 * another field that is not secret; of an outbox that an earlier version wrote this may be `onFailure`.
 */
export type PlanChange = 'name' | 'kind' | 'target' | 'template' | 'interval' | 'onFailure' | 'settings';

/** Windows in an outbox. */
export type WindowsPlan = {
  /** How many there are. */
  windows: number;
  /** Documents in them. */
  docs: number;
  /** The run id of the first transaction that they are of. */
  firstRunId: string;
  /** The run id of the last one. */
  lastRunId: string;
};

/** What waits, and when it is delivered. */
export type WaitingPlan = WindowsPlan & {
  /** The oldest, if its content and key are fixed (I4): it goes out by itself, and waits for no interval. Null: it is not. */
  delivery: PlannedDelivery | null;
  /**
   * When what is not that delivery may go out, in milliseconds since the Unix epoch: united into one, once the interval is over.
   * Null: as soon as the session has acknowledged and what stands in front of it is delivered.
   */
  notBeforeAt: number | null;
};

/** A delivery that was attempted, or may have been. */
export type PlannedDelivery = {
  /** Of its window; the first one's, where several were united. */
  runId: string;
  /** Its stable name. */
  idempotencyKey: string;
  /** Rounds that ended without success. */
  rounds: number;
  /** Attempts of the present round that have failed. */
  attempts: number;
  /** When the first attempt failed, in milliseconds since the Unix epoch. Null: none did. */
  failingSinceAt: number | null;
  /** Why the last attempt failed, without secrets. Null: none did. */
  reason: string | null;
  /** In milliseconds since the Unix epoch. Null: at once. */
  nextAttemptAt: number | null;
  /** It would have waited longer, and does not because the configuration changed. */
  isWaitLifted: boolean;
};

/** The time between two deliveries. All in milliseconds; instants since the Unix epoch. */
export type IntervalPlan = {
  /** What it was. Null: there was none, or no trigger. */
  beforeMs: number | null;
  /** What it is. Null: there is none any more, and windows are delivered one by one. */
  nowMs: number | null;
  /** Null: never, as far as it is known. */
  lastFiredAt: number | null;
  /** Before which nothing is taken. Null: what commits next goes out at once. */
  notBeforeAt: number | null;
};

/** What a trigger sends. */
export type PayloadPlan = {
  /**
   * Which window it was made from: that of the last commit; without one the newest that waits or is parked in an outbox of the task;
   * without any a placeholder, which names every bound collection.
   */
  from: 'last-commit' | 'waiting' | 'parked' | 'placeholder';
  /** The run id of that window. */
  runId: string;
  /** Without secrets: `[redacted]` stands for them. Shortened when it is very long. Null: it cannot be made. */
  text: string | null;
  /** Why it cannot. Null: it can. */
  problem: string | null;
};

/** An outbox that is left. */
export type LeftoverPlan = {
  /** What it is called from then on: with a trigger of this name it goes on. */
  outbox: string;
  /** Another name than now: a trigger has taken that one. Null: the same. */
  nameBefore: string | null;
  /** Whether it is this opening that leaves it: a trigger had it before. */
  isNew: boolean;
  /** Windows that it holds. Null: none. */
  waiting: WindowsPlan | null;
  /** Deliveries in it that are set aside. */
  parked: number;
};
