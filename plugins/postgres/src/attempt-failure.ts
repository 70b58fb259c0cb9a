import type { AttemptOutcome } from '@aftercommit/registry';

/** Why an attempt went no further, told where it is known, and what follows from it. */
export class AttemptFailure extends Error {
  override readonly name = 'AttemptFailure';
  readonly verdict: 'retry' | 'rejected';

  constructor(verdict: 'retry' | 'rejected', reason: string) {
    super(reason);
    this.verdict = verdict;
  }

  get outcome(): AttemptOutcome {
    return { outcome: this.verdict, reason: this.message };
  }
}
