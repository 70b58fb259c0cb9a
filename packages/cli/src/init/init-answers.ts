import type { JsonObject } from '@aftercommit/models';

/** What `init` has learned: all that its spec says. */
export type InitAnswers = {
  /** Files and globs, relative to the spec. */
  data: readonly string[];
  /** JSON pointers. */
  key: readonly string[];
  /** Of the collection, and the end of the materialization's. */
  name: string;
  endpoint: { kind: string; config: JsonObject };
  table: string;
  /** Undefined: nobody is told yet, and the spec shows how in a comment. */
  trigger: InitTrigger | undefined;
};

/** The trigger of the spec, and the secrets that stand in it in plain text. */
export type InitTrigger = { kind: string; fields: JsonObject; secrets: readonly string[] };
