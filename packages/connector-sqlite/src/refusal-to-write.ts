import { accessSync, constants } from 'node:fs';

/** Why the system lets this process not write the file; undefined: it does, or there is no such file, or it cannot tell. */
export function refusalToWrite(path: string): (Error & { code: string }) | undefined {
  try {
    accessSync(path, constants.W_OK);
    return undefined;
  } catch (error) {
    return isRefusal(error) ? error : undefined;
  }
}

function isRefusal(error: unknown): error is Error & { code: string } {
  if (!(error instanceof Error && 'code' in error)) return false;
  return error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS';
}
