import { jsonOf, type Service, type ServiceAnswer, type ServiceRequest, startService } from './service.js';

export type AirflowTrouble = 'expired' | 'forbidden' | 'down' | 'silent';

/** `POST /api/vN/dags/nightly/dagRuns` as Airflow 2 (v1, basic authentication) and 3 (v2, a bearer token) document it. */
export type AirflowService = Service & {
  trouble: AirflowTrouble | undefined;
  /** The ids of the runs there are. */
  readonly runs: string[];
};

const answers: Record<AirflowTrouble, ServiceAnswer> = {
  expired: { status: 401, body: { detail: 'Token Expired' } },
  forbidden: { status: 403, body: { detail: 'Forbidden' } },
  down: { status: 503, body: 'no healthy upstream' },
  silent: undefined,
};

const versions = {
  '/api/v1/dags/nightly/dagRuns': { authorization: `Basic ${Buffer.from('loader:s3cret').toString('base64')}` },
  '/api/v2/dags/nightly/dagRuns': { authorization: 'Bearer s3cret-jwt' },
};

export async function startAirflow(): Promise<AirflowService> {
  const state: { trouble: AirflowTrouble | undefined; runs: string[] } = { trouble: undefined, runs: [] };
  const service = await startService((request): ServiceAnswer => {
    if (state.trouble !== undefined) return answers[state.trouble];
    return answerTo(request, state.runs);
  });
  return Object.assign(state, service);
}

function answerTo({ method, path, headers, body }: ServiceRequest, runs: string[]): ServiceAnswer {
  const version = Object.entries(versions).find(([known]) => known === path)?.[1];
  if (version === undefined || method !== 'POST') return { status: 404, body: { detail: 'The Dag was not found' } };
  if (headers.authorization !== version.authorization) return { status: 401, body: { detail: 'Unauthorized' } };
  const run = jsonOf(body);
  if (typeof run !== 'object' || run === null)
    return { status: 400, body: { detail: 'Request body is not valid JSON' } };
  const {
    dag_run_id: id,
    conf,
    logical_date: date,
  }: { dag_run_id?: unknown; conf?: unknown; logical_date?: unknown } = run;
  const isObject = typeof conf === 'object' && conf !== null && !Array.isArray(conf);
  // Airflow 3 asks for the date of every run, and takes null for a run that is for none.
  const isDated = path.includes('/v1/') ? date === undefined : date === null;
  if (typeof id !== 'string' || !isObject || !isDated) return { status: 422, body: { detail: 'validation error' } };
  if (runs.includes(id)) return { status: 409, body: { detail: `DAGRun with run_id: '${id}' already exists` } };
  runs.push(id);
  return { status: 200, body: { dag_run_id: id, state: 'queued' } };
}
