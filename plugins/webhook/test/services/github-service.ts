import { jsonOf, type Service, type ServiceAnswer, startService } from './service.js';

export type GithubTrouble = 'primary-limit' | 'secondary-limit' | 'forbidden' | 'down' | 'silent';

/** `POST /repos/OWNER/REPO/dispatches` as GitHub documents it, for one repository and one token. */
export type GithubService = Service & { trouble: GithubTrouble | undefined };

/** What the clock of the tests says, in seconds: the limits are told by it. */
const resetAt = 1_718_452_830;

const answers: Record<GithubTrouble, ServiceAnswer> = {
  'primary-limit': {
    status: 403,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(resetAt) },
    body: { message: 'API rate limit exceeded for user ID 1.' },
  },
  'secondary-limit': {
    status: 403,
    headers: { 'retry-after': '60', 'x-ratelimit-remaining': '4000' },
    body: { message: 'You have exceeded a secondary rate limit.' },
  },
  forbidden: {
    status: 403,
    headers: { 'x-ratelimit-remaining': '4000' },
    body: { message: 'Resource not accessible by personal access token' },
  },
  down: { status: 502, body: 'Bad gateway' },
  silent: undefined,
};

export async function startGithub(): Promise<GithubService> {
  const state: { trouble: GithubTrouble | undefined } = { trouble: undefined };
  const service = await startService(({ method, path, headers, body }): ServiceAnswer => {
    if (state.trouble !== undefined) return answers[state.trouble];
    if (headers.authorization !== 'Bearer github_pat_s3cret')
      return { status: 401, body: { message: 'Bad credentials' } };
    if (headers['user-agent'] === undefined) return { status: 403, body: 'Request forbidden by administrative rules.' };
    if (method !== 'POST' || path !== '/repos/acme/analytics/dispatches') {
      return { status: 404, body: { message: 'Not Found' } };
    }
    const problem = problemOf(jsonOf(body));
    return problem === undefined ? { status: 204 } : { status: 422, body: { message: problem } };
  });
  return Object.assign(state, service);
}

function problemOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return 'Problems parsing JSON';
  const { event_type: type, client_payload: payload }: { event_type?: unknown; client_payload?: unknown } = body;
  if (typeof type !== 'string' || type.length < 1 || type.length > 100) return 'event_type is missing or too long';
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return 'client_payload is no object';
  const count = Object.keys(payload).length;
  if (count > 10) return 'No more than 10 properties are allowed; 11 were supplied.';
  return JSON.stringify(payload).length > 65_535 ? 'client_payload is too large' : undefined;
}
