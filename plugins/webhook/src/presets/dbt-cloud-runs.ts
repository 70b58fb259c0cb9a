/** One run of a job, as far as it matters here. */
export type DbtRun = { id: number; status: number; cause: string };

/** Queued, starting, running. What ended has 10 (success), 20 (error) or 30 (cancelled). */
export function isInProgress({ status }: DbtRun): boolean {
  return status < 10;
}

/** The runs of an answer of dbt Cloud, in its order. Undefined: it is no such answer. */
export function readRuns(body: unknown): DbtRun[] | undefined {
  const { data }: { data?: unknown } = objectOf(body);
  if (!Array.isArray(data)) return undefined;
  const runs = data.map(readRun);
  const read = runs.filter((run) => run !== undefined);
  return read.length === runs.length ? read : undefined;
}

function readRun(run: unknown): DbtRun | undefined {
  const { id, status, trigger }: { id?: unknown; status?: unknown; trigger?: unknown } = objectOf(run);
  if (typeof id !== 'number' || typeof status !== 'number') return undefined;
  const { cause }: { cause?: unknown } = objectOf(trigger);
  return { id, status, cause: typeof cause === 'string' ? cause : '' };
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
