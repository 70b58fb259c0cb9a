import { validateHeaderName, validateHeaderValue } from 'node:http';

/** Whether a header can be called so. */
export function isLegalName(name: string): boolean {
  return passes(() => validateHeaderName(name));
}

/** Whether a header can carry it: no line break, no control character, none beyond Latin-1. */
export function isLegalValue(value: string): boolean {
  return passes(() => validateHeaderValue('any', value));
}

/** Node's checks throw; their message quotes nothing we need. Any other error is a fault of ours and goes on. */
function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) return false;
    throw error;
  }
}
