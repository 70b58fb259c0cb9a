import type { Attempt } from '@aftercommit/registry';
import type { RequestHeaders } from './request-headers.js';

const none: RequestHeaders = {};

/** Where the attempt is in the host's trace; nothing, when nobody traces. */
export function traceHeaders({ traceparent }: Attempt): RequestHeaders {
  return traceparent === undefined ? none : { traceparent };
}
