/** Something happened that the invariants rule out. */
export class Violation extends Error {
  /** Which one: `I1` … `I9`, or what else a run owes. */
  readonly invariant: string;

  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}

export function assertThat(holds: boolean, invariant: string, what: () => string): asserts holds {
  if (!holds) throw new Violation(invariant, what());
}
