import type { Attempt } from '@aftercommit/registry';
import { type RequestHeaders, requestHeaders } from '../http/request-headers.js';
import { testHeaders } from '../http/test-headers.js';
import { traceHeaders } from '../http/trace-headers.js';

/** What every request of a preset says; undefined values are left out. */
export function presetHeaders(own: Readonly<Record<string, string | undefined>>): RequestHeaders {
  const given = Object.entries(own).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return requestHeaders({ 'content-type': 'application/json', ...Object.fromEntries(given) });
}

/** What names the delivery, for those who look at traffic: the services themselves pay no attention to it. */
export function deliveryHeaders(attempt: Attempt): RequestHeaders {
  const { idempotencyKey, epoch } = attempt;
  return {
    'webhook-id': idempotencyKey,
    'aftercommit-epoch': String(epoch),
    ...testHeaders(attempt),
    ...traceHeaders(attempt),
  };
}
