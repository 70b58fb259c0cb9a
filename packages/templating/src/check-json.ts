import { findJsonError } from './json-position.js';
import type { TemplateIssue } from './template-error.js';
import { positionAt } from './text-position.js';

/**
 * Undefined when the payload parses as JSON; otherwise an issue, code `TEMPLATE_NOT_JSON`, whose line and column are those
 * of the payload. Nothing of the payload is quoted: it may hold secrets, and what JSON.parse itself says quotes it.
 */
export function checkJson(payload: string): TemplateIssue | undefined {
  const offset = findJsonError(payload);
  if (offset === undefined) return undefined;
  const message =
    offset === payload.length
      ? 'The payload is not JSON: it ends too early.'
      : 'The payload is not JSON: the character here does not belong.';
  return { code: 'TEMPLATE_NOT_JSON', message, ...positionAt(payload, offset) };
}
