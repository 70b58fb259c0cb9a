import type { Attempt } from '@aftercommit/registry';

const none: readonly string[] = [];

/** Where the attempt is in the host's trace, name and value; nothing, when nobody traces. */
export function traceHeaders({ traceparent }: Attempt): readonly string[] {
  return traceparent === undefined ? none : ['traceparent', traceparent];
}
