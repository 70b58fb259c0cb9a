/** How a host of the fleet is started. */
export type HostOptions = {
  url: string;
  /** Where deliveries go. */
  receiver: string;
  tasks: string[];
  /** How far its wall clock is off, in milliseconds. */
  clockSkewMs: number;
  /** How long it waits between two transactions of a task, in milliseconds. */
  commitEveryMs: number;
  ttlMs: number;
  /** It opens no task, and waits: who measures the workers alone wants nothing else to happen. */
  isIdle?: boolean;
  /** It commits nothing, and delivers what is left. */
  isDraining: boolean;
  /** `task/number`: it stands still with that transaction open, all written and not committed. */
  freezeBeforeCommit?: string;
};
