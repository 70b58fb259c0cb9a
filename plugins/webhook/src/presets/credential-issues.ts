import { validateHeaderValue } from 'node:http';
import { jsonPointer, type KindIssue } from '@aftercommit/registry';

/** The issue of a secret that no header can carry, most often for the line break behind it. Never quotes it. */
export function credentialIssues(field: string, value: unknown): KindIssue[] {
  // Sealed, it is absent.
  if (typeof value !== 'string' || isHeaderValue(value)) return [];
  const message = `${field} has a character that no header can carry, such as a line break at its end. Copy it again.`;
  return [{ severity: 'error', pointer: jsonPointer([field]), message }];
}

function isHeaderValue(value: string): boolean {
  try {
    validateHeaderValue('authorization', value);
    return value.trim() === value && value !== '';
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) return false;
    throw error;
  }
}
