import type { StatusView } from './status-view.js';

/** Shows one look at the state after the other. */
export interface StatusDisplay {
  show(view: StatusView): void;
  /** This time nothing could be seen. */
  showTrouble(error: unknown): void;
}
