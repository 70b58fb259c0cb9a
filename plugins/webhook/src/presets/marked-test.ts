import type { Attempt } from '@aftercommit/registry';

/** What GitHub takes at most in a `client_payload`. */
const mostFields = 10;

/** The `client_payload`: of a test with `"aftercommit_test": true` in it, where there is room, so that a workflow can see what it is. */
export function markedClientPayload({ payload, isTest }: Attempt): string {
  if (isTest !== true) return payload;
  const fields = fieldsOf(payload);
  if (fields === undefined || Object.keys(fields).length >= mostFields) return payload;
  const rest = payload.trimStart().slice(1);
  return `{"aftercommit_test":true${Object.keys(fields).length === 0 ? '' : ','}${rest}`;
}

/** The message: of a test with `[test]` before its text, so that those who read it know what it is. */
export function markedMessage({ payload, isTest }: Attempt): string {
  if (isTest !== true) return payload;
  const { text, ...rest } = fieldsOf(payload) ?? {};
  return typeof text === 'string' ? JSON.stringify({ text: `[test] ${text}`, ...rest }) : payload;
}

/** Undefined: it is no object. */
function fieldsOf(payload: string): Record<string, unknown> | undefined {
  const value: unknown = JSON.parse(payload);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
