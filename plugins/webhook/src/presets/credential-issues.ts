import { jsonPointer, type KindIssue } from '@aftercommit/registry';
import { isLegalValue } from '../http/legal-headers.js';

/** The issue of a secret that no header can carry, most often for the line break behind it. Never quotes it. */
export function credentialIssues(field: string, value: unknown): KindIssue[] {
  // Sealed, it is absent.
  if (typeof value !== 'string' || isWhole(value)) return [];
  const message = `${field} has a character that no header can carry, such as a line break at its end. Copy it again.`;
  return [{ severity: 'error', pointer: jsonPointer([field]), message }];
}

/** Blanks around a value do not arrive, nor does a value that is empty. */
function isWhole(value: string): boolean {
  return isLegalValue(value) && value.trim() === value && value !== '';
}
