import type { Colors } from '../progress/task-lines.js';

/** Something that `status` tells of, for programs: a materialization, or a worker. */
export type StatusObject = Readonly<Record<string, unknown>>;

/** What one look at the state shows. */
export type StatusView = {
  /** One for each thing; each has `event`, and `materialization` or `worker`. */
  objects: readonly StatusObject[];
  /** For people. */
  lines(colors: Pick<Colors, 'red' | 'dim'>): string[];
};

/** Which thing it is, at every look the same. */
export function thingOf({ event, materialization, worker }: StatusObject): string {
  return JSON.stringify([event, materialization ?? null, materialization === undefined ? worker : null]);
}

/** What tells that something changed: ages, and how long something still lasts, are different at every look. */
export function steadyText(object: StatusObject): string {
  return JSON.stringify(object, (name, value: unknown) =>
    /(?:MsAgo|LeftMs|InMs|^lagMs)$/.test(name) ? undefined : value,
  );
}
