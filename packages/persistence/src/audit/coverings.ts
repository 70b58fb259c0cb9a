import { nameOf } from './audit-outbox.js';
import type { Findings } from './findings.js';
import type { Standing } from './task-audit.js';
import type { OutboxEntries } from './task-entries.js';

/** Something in an outbox that is of a commit, or of all that the outbox was told of from one run id through another. */
export type Covering = {
  key: string;
  from: string;
  through: string;
  /** Undefined: that is not kept of what an endpoint brought along once more. */
  docsTotal: number | undefined;
  /** Undefined: that is not kept of what ended. */
  bytesTotal: number | undefined;
  standing: Standing;
  at: number | null;
  /** The endpoint brought it along: it is of what the task learnt of late, and not of what it committed itself. */
  isAdopted: boolean;
};

/** Everything in an outbox that is of a commit, by its first run id. */
export function coveringsOf({ windows, delivery, parked, done }: OutboxEntries): Covering[] {
  const waiting = windows.map(({ key, value }, index): Covering => {
    const standing = index === 0 && delivery !== undefined ? 'being-tried' : 'waiting';
    return { key, ...rangeOf(value.window.run_id, value), ...sumsOf(value), standing, at: null };
  });
  const setAside = parked.map(({ key, value }): Covering => {
    return { key, ...rangeOf(value.window.run_id, value), ...sumsOf(value), standing: 'parked', at: value.parkedAt };
  });
  const ended = done.flatMap(({ key, runId, value }): Covering[] => {
    const { docsTotal, ended: standing, at } = value;
    const one = { key, ...rangeOf(runId, value), docsTotal, bytesTotal: undefined, standing, at };
    if (value.again === undefined) return [one];
    return [one, { ...one, through: runId, docsTotal: undefined, isAdopted: true }];
  });
  return [...waiting, ...setAside, ...ended].sort((left, right) => compare(left.from, right.from));
}

/** I3: no two things in an outbox are of one commit, but for what an endpoint brought along. */
export function auditOverlaps(outbox: OutboxEntries, coverings: readonly Covering[], findings: Findings): void {
  const name = nameOf(outbox);
  let last: Covering | undefined;
  for (const covering of coverings) {
    if (covering.isAdopted) continue;
    if (last !== undefined && covering.from <= last.through) {
      const problem = `Outbox "${name}": two are of run ${covering.from}, one ${last.standing} and one ${covering.standing}.`;
      findings.add('COMMIT_TWICE', { keys: [last.key, covering.key], outbox: name, runId: covering.from }, problem);
    }
    if (last === undefined || covering.through > last.through) last = covering;
  }
}

/** Finds what is of a run. */
export class CoveringIndex {
  readonly #byFrom = new Map<string, Covering[]>();
  readonly #unions: Covering[];

  constructor(coverings: readonly Covering[]) {
    for (const covering of coverings) {
      this.#byFrom.set(covering.from, [...(this.#byFrom.get(covering.from) ?? []), covering]);
    }
    this.#unions = coverings.filter(({ from, through }) => from !== through);
  }

  /** @param isAdopted Whether the endpoint brought the commit along. */
  find(runId: string, isAdopted: boolean): Covering | undefined {
    const unions = this.#unions.filter(({ from, through }) => from < runId && runId <= through);
    const all = [...(this.#byFrom.get(runId) ?? []), ...unions];
    return all.find((covering) => covering.isAdopted === isAdopted);
  }
}

function rangeOf(
  from: string,
  { through = from, maybeSeen }: { through?: string; maybeSeen?: true },
): Pick<Covering, 'from' | 'through' | 'isAdopted'> {
  return { from, through, isAdopted: maybeSeen === true };
}

function sumsOf({
  window,
}: {
  window: { docs_total: number; bytes_total: number };
}): Pick<Covering, 'docsTotal' | 'bytesTotal'> {
  return { docsTotal: window.docs_total, bytesTotal: window.bytes_total };
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
