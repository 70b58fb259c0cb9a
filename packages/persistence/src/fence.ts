/** A session's right to write: it holds while the task's stored owner and epoch are these. */
export type Fence = {
  readonly task: string;
  readonly owner: string;
  readonly epoch: bigint;
};
