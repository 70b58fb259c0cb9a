/** What is known, when a template is published, of the values it will meet. */
export type TrialOptions = {
  /** The bound collections. Undefined when they are not known: then the trial takes one, two and 10,000 invented names. An empty list counts as not known. */
  readonly collectionNames?: readonly string[];
  /** Values of variables that are known by now, such as `headers`. Those that are left out are invented from their shape. */
  readonly context?: Readonly<Record<string, unknown>>;
};
