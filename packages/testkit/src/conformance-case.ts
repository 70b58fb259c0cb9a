/** One fact that a subject owes, for whatever test runner: `test.skipIf(skip !== undefined)(title, run)`. */
export type ConformanceCase = {
  /** In the present tense, unique in its suite. */
  readonly title: string;
  /** Rejects, with an assertion error where an expectation is not met. */
  run(): Promise<void>;
  /** Why the case cannot be run on this subject. Undefined: it can. */
  readonly skip?: string;
};
