import { type Document, type DocumentValue, isDocument } from './document.js';

/** The JSON pointer (RFC 6901) of a path: `['config', 0, 'a/b']` is `/config/0/a~1b`. The empty path is `''`. */
export function jsonPointer(path: ReadonlyArray<string | number>): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The path of a JSON pointer: the reverse of `jsonPointer`, but for numbers, which come back as texts. */
export function pointerPath(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a path. Undefined: there is none. Only fields of the document itself: `constructor` is one like any other. */
export function valueAt(document: Document, path: readonly string[]): DocumentValue | undefined {
  let value: DocumentValue | undefined = document;
  for (const name of path) value = fieldOf(value, name);
  return value;
}

function fieldOf(value: DocumentValue | undefined, name: string): DocumentValue | undefined {
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(name) ? value[Number(name)] : undefined;
  return value !== undefined && isDocument(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
