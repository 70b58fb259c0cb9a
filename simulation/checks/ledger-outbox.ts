import type { DeliveryRecord } from '@aftercommit/persistence/records';

/** A window in an outbox, or parked. */
export type Held = {
  outboxId: string;
  idempotencyKey: string;
  runId: string;
  /** The run ids of the commits whose union it is. */
  members: readonly string[];
  docs: number;
  bytes: number;
  wasReplayed: boolean;
};

/** An outbox, as the writes say. */
export type LedgerOutbox = {
  id: string;
  name: string;
  hasPartner: boolean;
  /** By their places. */
  windows: Map<string, Held>;
  /** By their run ids. */
  parked: Map<string, Held>;
  /** When its lane last asked to take what waits, in milliseconds since the world began. */
  takenAtMs: number | undefined;
  /** How its delivery stands, and when that was written, in milliseconds since the world began. */
  delivery: { record: DeliveryRecord; notedAtMs: number } | undefined;
  /** When it last took something, by the wall clock, as it is stored. */
  lastFiredAt: number | undefined;
};

export function newOutbox(id: string): LedgerOutbox {
  return {
    id,
    name: '',
    hasPartner: false,
    windows: new Map(),
    parked: new Map(),
    takenAtMs: undefined,
    delivery: undefined,
    lastFiredAt: undefined,
  };
}

/** The window whose turn it is. Undefined: none waits. */
export function nextOf({ windows }: LedgerOutbox): Held | undefined {
  const [place] = [...windows.keys()].sort();
  return place === undefined ? undefined : windows.get(place);
}
