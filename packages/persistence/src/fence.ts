/** A session's right to write: it holds while the task's stored owner and epoch are these. */
export type Fence = {
  /** The name of the task. */
  readonly task: string;
  /** The random token that this opening of the task was given. */
  readonly owner: string;
  /** The number of the opening: above that of every earlier one. */
  readonly epoch: bigint;
};
