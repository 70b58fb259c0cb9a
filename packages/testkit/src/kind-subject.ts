import type { JsonObject } from '@aftercommit/models';
import type { TriggerKind } from '@aftercommit/registry';

/** A trigger kind under test, with a configuration of it and the receiving end of that configuration. */
export interface KindSubject {
  /** The kind itself. */
  kind: TriggerKind;

  /**
   * A configuration that works: the fields of the kind alone, pointing at `receiver`. Its secret values look like nothing
   * else, and the receiver tells none of them back: whatever shows one, the kind has shown.
   */
  config: JsonObject;

  /** Values in `config` that must never be shown. Undefined: those that the schema annotates as secret. */
  secretValues?: readonly string[];

  /** Configurations that must be refused. Undefined: none. */
  invalidConfigs?: ReadonlyArray<{
    /** The fields of the kind alone. */
    config: JsonObject;
    /** Where the fault is, relative to the trigger: `/url`. */
    pointer: string;
  }>;

  /** The receiving end of `config`. */
  receiver: KindReceiver;

  /**
   * Whether the kind connects to hosts, and so asks the operator's egress about them. Undefined: it does. False: it uses what
   * is on this machine, such as programs or files.
   */
  reachesHosts?: boolean;

  /** The longest payload that the receiver can take, in bytes: a longer one is rejected. Undefined: there is no limit. */
  largestPayloadBytes?: number;

  /** What is so long, in milliseconds, that a call which has not settled by then never will. Undefined: 5000. */
  patienceMs?: number;
}

/** The receiving end that a subject brings along. It starts out accepting; how it answers stays until changed. */
export interface KindReceiver {
  /** Everything that arrived since the receiver was started, whatever was answered, in order of arrival. */
  received(): Promise<ReceivedDelivery[]>;
  /** From now on it accepts what arrives. */
  accept(): Promise<void> | void;
  /** From now on it refuses in a way that may work later. Undefined: nobody is there who could. */
  refuse?(): Promise<void> | void;
  /** From now on it refuses in a way that no repetition changes. Undefined: it has no such way. */
  reject?(): Promise<void> | void;
  /** From now on it takes what arrives and answers nothing. Undefined: nobody waits for an answer. */
  hang?(): Promise<void> | void;
}

/** What arrived in one attempt. */
export type ReceivedDelivery = {
  /** As it arrived, byte by byte; a text stands for its UTF-8. */
  payload: Uint8Array | string;
  /** As the kind passed it on. Undefined: it did not. */
  idempotencyKey?: string;
};
