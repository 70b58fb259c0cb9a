import { createHash } from 'node:crypto';

/** One of several processes that are numbered from 0, as those of a StatefulSet are. */
export type Ordinal = {
  /** Which one it is: 0 … of − 1. */
  readonly ordinal: number;
  /** How many there are. */
  readonly of: number;
};

/**
 * The tasks that fall to one of so many processes. Every process finds the same, without asking anybody, and another number
 * of processes moves as few tasks as can be: from 4 to 5, each fifth one, all of them to the new process (rendezvous
 * hashing). Shares are even as those of a lottery are: of 1,000 tasks on 5 processes, each has 200, give or take 30.
 */
export function ordinalTasks(tasks: readonly string[], { ordinal, of }: Ordinal): string[] {
  return tasks.filter((task) => highestBidder(task, of) === ordinal);
}

function highestBidder(task: string, of: number): number {
  let best = 0;
  let highest = -1n;
  for (let ordinal = 0; ordinal < of; ordinal += 1) {
    const bid = createHash('sha256').update(`${ordinal} ${task}`).digest().readBigUInt64BE();
    if (bid > highest) [best, highest] = [ordinal, bid];
  }
  return best;
}
