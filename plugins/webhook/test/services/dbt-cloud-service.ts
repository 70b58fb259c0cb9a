import { jsonOf, type Service, type ServiceAnswer, type ServiceRequest, startService } from './service.js';

/** A run as dbt Cloud has it. Status 1 queued, 2 starting, 3 running, 10 success, 20 error, 30 cancelled. */
export type DbtRun = { id: number; job: number; status: number; cause: string; overrides: Record<string, unknown> };

export type DbtTrouble = 'forbidden' | 'limited' | 'down' | 'ended' | 'silent' | 'lost-reply';

/** The runs of account 7 in dbt Cloud, by its API v2. */
export type DbtCloudService = Service & {
  trouble: DbtTrouble | undefined;
  /** What has the trouble: runs that are to be started, listed, or cancelled. */
  troubled: 'start' | 'list' | 'cancel';
  readonly runs: DbtRun[];
};

const root = '/api/v2/accounts/7';

export async function startDbtCloud(): Promise<DbtCloudService> {
  const state: Pick<DbtCloudService, 'trouble' | 'troubled' | 'runs'> = {
    trouble: undefined,
    troubled: 'start',
    runs: [],
  };
  const service = await startService((request): ServiceAnswer => {
    if (state.trouble === undefined || state.troubled !== askedFor(request)) return answerTo(request, state.runs);
    if (state.trouble !== 'lost-reply') return troubles[state.trouble];
    answerTo(request, state.runs);
    return undefined;
  });
  return Object.assign(state, service);
}

function askedFor({ method, path }: ServiceRequest): DbtCloudService['troubled'] {
  if (method === 'GET') return 'list';
  return path.endsWith('/cancel/') ? 'cancel' : 'start';
}

const troubles: Record<Exclude<DbtTrouble, 'lost-reply'>, ServiceAnswer> = {
  forbidden: { status: 403, body: failure(403, 'You do not have permission to perform this action.') },
  limited: { status: 429, headers: { 'retry-after': '7' }, body: failure(429, 'Too many requests') },
  down: { status: 503, body: failure(503, 'Service unavailable') },
  ended: { status: 400, body: failure(400, 'This run is finished.') },
  silent: undefined,
};

function failure(code: number, message: string): Record<string, unknown> {
  return { status: { code, is_success: false, user_message: message, developer_message: '' }, data: null };
}

function success(data: unknown): ServiceAnswer {
  return { status: 200, body: { status: { code: 200, is_success: true, user_message: 'Success!' }, data } };
}

function answerTo(request: ServiceRequest, runs: DbtRun[]): ServiceAnswer {
  const { method, path, headers, query, body } = request;
  if (headers.authorization !== 'Token s3cret') return { status: 401, body: failure(401, 'Invalid token.') };
  if (method === 'GET' && path === `${root}/runs/`) return success(listed(runs, query));
  const [, started] = /^\/api\/v2\/accounts\/7\/jobs\/(\d+)\/run\/$/.exec(path) ?? [];
  if (method === 'POST' && started === '42') return start(runs, jsonOf(body));
  const [, cancelled] = /^\/api\/v2\/accounts\/7\/runs\/(\d+)\/cancel\/$/.exec(path) ?? [];
  const run = runs.find(({ id }) => String(id) === cancelled);
  if (method === 'POST' && run !== undefined) {
    if (run.status >= 10) return { status: 400, body: failure(400, 'This run is finished.') };
    run.status = 30;
    return success(shown(run));
  }
  return { status: 404, body: failure(404, 'Not found.') };
}

function start(runs: DbtRun[], asked: unknown): ServiceAnswer {
  if (typeof asked !== 'object' || asked === null) return { status: 400, body: failure(400, 'JSON parse error') };
  const { cause, ...overrides }: { cause?: unknown } = asked;
  if (typeof cause !== 'string' || cause === '') return { status: 400, body: failure(400, 'cause is required') };
  const run: DbtRun = { id: 1000 + runs.length, job: 42, status: 1, cause, overrides };
  runs.push(run);
  return success(shown(run));
}

function listed(runs: readonly DbtRun[], query: URLSearchParams): unknown[] {
  const found = runs.filter(({ job }) => String(job) === query.get('job_definition_id'));
  if (query.get('order_by') === '-id') found.reverse();
  return found.slice(0, Number(query.get('limit') ?? 100)).map((run) => shown(run, query.get('include_related')));
}

function shown({ id, job, status, cause }: DbtRun, related: string | null = null): unknown {
  const trigger = related?.includes('trigger') ? { trigger: { cause } } : {};
  return { id, job_definition_id: job, status, ...trigger };
}
