/** What a JSON pointer of a key matches: `collectionKeyProblems` says why another does not. */
export const keyPointerPattern = '^/([^~]|~[01])*$';

/** Something that is wrong with a key, and where in it. */
export type KeyProblem = { path: number[]; message: string };

/** Why a value is no key of a collection, which is a list of JSON pointers; empty when it is one. */
export function collectionKeyProblems(key: unknown): KeyProblem[] {
  if (!Array.isArray(key)) {
    const example = typeof key === 'string' && key.startsWith('/') ? key : '/id';
    return [{ path: [], message: `key must be a list of JSON pointers: write [${example}].` }];
  }
  if (key.length === 0)
    return [{ path: [], message: 'key is empty. Name the fields that identify a document: [/id].' }];
  return key.flatMap((pointer: unknown, index) => {
    const problem =
      pointerProblem(pointer) ?? (key.indexOf(pointer) < index ? 'stands here twice: remove one' : undefined);
    return problem === undefined ? [] : [{ path: [index], message: `This JSON pointer of the key ${problem}.` }];
  });
}

function pointerProblem(pointer: unknown): string | undefined {
  if (typeof pointer !== 'string' || pointer === '') return 'must be a text that begins with "/", such as /id';
  if (!pointer.startsWith('/')) return `must begin with "/": write /${pointer}`;
  if (/~(?![01])/.test(pointer)) return 'has a "~" that is not escaped: write ~0';
  return undefined;
}
