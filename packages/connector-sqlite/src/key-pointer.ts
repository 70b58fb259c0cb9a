import { type Document, type DocumentValue, isDocument } from '@aftercommit/models';

/** The parts of a JSON pointer (RFC 6901); undefined: it is none, or points to the whole document. */
export function pointerParts(pointer: string): string[] | undefined {
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a JSON pointer; undefined: there is none. */
export function valueAt(document: Document, pointer: string): DocumentValue | undefined {
  let value: DocumentValue | undefined = document;
  for (const part of pointerParts(pointer) ?? []) value = value === undefined ? undefined : ownField(value, part);
  return value;
}

/** Own fields only: `constructor` is a field like any other. */
export function ownField(value: DocumentValue, name: string): DocumentValue | undefined {
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(name) ? value[Number(name)] : undefined;
  return isDocument(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
