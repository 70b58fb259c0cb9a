/** How the outbox of a trigger stands at this moment. */
export type OutboxStanding = {
  /** The trigger's name, which is the outbox's. */
  trigger: string;
  /** The trigger's kind. */
  kind: string;
  /** Windows that are not delivered, whether they may fire or not. */
  waiting: number;
  /** The run id of the oldest of them; undefined: there is none. */
  oldestRunId: string | undefined;
  /** Deliveries that are set aside. */
  parked: number;
};
