import { formatRunId, isJsonObject, type Json, parseRunId } from '@aftercommit/models';

/** What is wrong with a value, such as `window.docs_total is no whole number`; undefined: nothing. Quotes no value. */
export type Shape = (value: Json | undefined, name: string) => string | undefined;

const text: Shape = (value, name) => (typeof value === 'string' ? undefined : `${name} is no text`);
const yes: Shape = (value, name) => (value === true ? undefined : `${name} is not true`);
const truth: Shape = (value, name) => (typeof value === 'boolean' ? undefined : `${name} is neither true nor false`);
const numeric: Shape = (value, name) => (typeof value === 'number' ? undefined : `${name} is no number`);
const anything: Shape = (value, name) => (value === undefined ? `${name} is missing` : undefined);
const runId: Shape = (value, name) => (isRunId(value) ? undefined : `${name} is no run id`);
const number = whole(0);

function whole(minimum: number): Shape {
  const isWhole = (value: Json | undefined): boolean => Number.isInteger(value) && Number(value) >= minimum;
  return (value, name) => (isWhole(value) ? undefined : `${name} is no whole number of ${minimum} or more`);
}

function oneOf(...words: string[]): Shape {
  const isOne = (value: Json | undefined): boolean => typeof value === 'string' && words.includes(value);
  return (value, name) => (isOne(value) ? undefined : `${name} is none of ${words.join(', ')}`);
}

function optional(shape: Shape): Shape {
  return (value, name) => (value === undefined ? undefined : shape(value, name));
}

function orNull(shape: Shape): Shape {
  return (value, name) => (value === null ? undefined : shape(value, name));
}

function listOf(shape: Shape, minimum = 0): Shape {
  return (value, name) => {
    if (!Array.isArray(value)) return `${name} is no list`;
    if (value.length < minimum) return `${name} is empty`;
    return value.map((one, index) => shape(one, `${name}[${index}]`)).find((problem) => problem !== undefined);
  };
}

function object(shapes: Record<string, Shape>): Shape {
  return (value, name) => {
    if (value === undefined || !isJsonObject(value)) return `${name} is no object`;
    const problems = Object.entries(shapes).map(([field, shape]) => shape(value[field], `${name}.${field}`));
    return problems.find((problem) => problem !== undefined);
  };
}

const window = object({
  materialization_name: text,
  connector_image: text,
  collection_names: listOf(text),
  resource_paths: listOf(listOf(text)),
  flow_published_at_min: text,
  flow_published_at_max: text,
  run_id: runId,
  docs_total: number,
  bytes_total: number,
});

const delivery = { idempotencyKey: text, window, through: optional(runId), maybeSeen: optional(yes) };

/** The records of the layout, as `taskKeys` has them. */
export const shapes = {
  commit: object({
    owner: oneOf('store', 'endpoint'),
    runtimeCheckpoint: object({
      transactionId: text,
      parentId: orNull(text),
      runId,
      window: orNull(window),
      position: anything,
    }),
  }),
  committed: object({
    runId,
    docsTotal: number,
    bytesTotal: number,
    outboxes: listOf(text, 1),
    previous: orNull(whole(1)),
    adopted: optional(yes),
  }),
  lastRun: object({ runId, commit: optional(number) }),
  lastOutbox: object({ id: text }),
  largestKey: object({
    key: listOf(text),
    largest: text,
    transactionId: orNull(text),
    emptyAfter: orNull(text),
  }),
  about: object({
    name: text,
    nameConfigured: truth,
    kind: text,
    targetHash: text,
    templateHash: text,
    configHash: text,
    hasPartner: truth,
    intervalMs: orNull(numeric),
    onFailure: optional(oneOf('block', 'park')),
  }),
  window: object({ ...delivery, replayed: optional(yes) }),
  delivery: object({
    rounds: number,
    attempts: number,
    notBeforeAt: orNull(numeric),
    waitMs: numeric,
    failingSinceAt: orNull(numeric),
    reason: orNull(text),
  }),
  parked: object({
    ...delivery,
    parkedAt: numeric,
    failingSinceAt: numeric,
    attempts: number,
    outcome: oneOf('exhausted', 'rejected'),
    reason: text,
  }),
  done: object({
    ended: oneOf('delivered', 'dropped'),
    at: numeric,
    attempts: number,
    docsTotal: number,
    through: optional(runId),
    maybeSeen: optional(yes),
    again: optional(yes),
  }),
  lastFired: object({ at: numeric, runId }),
} satisfies Record<string, Shape>;

/** Whether it is one in the one form that we write: as parts of keys run ids are ordered as texts. */
export function isRunId(value: Json | undefined): value is string {
  if (typeof value !== 'string') return false;
  try {
    return formatRunId(parseRunId(value)) === value;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
