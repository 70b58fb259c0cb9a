/** Element types of the arrays that are sent: their numbers are the same in every PostgreSQL. */
const oids = { bytea: 17, text: 25 } as const;

/**
 * An array as PostgreSQL reads it from a binary parameter. Every byte arrives as it is: nothing is quoted, and nothing can
 * be mistaken for a quote. Undefined becomes NULL.
 */
export function binaryArray(type: keyof typeof oids, texts: ReadonlyArray<string | undefined>): Buffer {
  const sizes = texts.map((text) => (text === undefined ? 0 : Buffer.byteLength(text)));
  const array = Buffer.allocUnsafe(20 + 4 * texts.length + sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  // One dimension, that there may be NULLs, the type, and of the dimension its length and first index.
  for (const number of [1, 1, oids[type], texts.length, 1]) at = array.writeInt32BE(number, at);
  for (const [index, text] of texts.entries()) {
    const size = sizes[index] ?? 0;
    at = array.writeInt32BE(text === undefined ? -1 : size, at);
    if (text !== undefined) at += array.write(text, at);
  }
  return array;
}

/** An array of whole numbers. */
export function numberArray(numbers: ReadonlyArray<number | bigint>): string {
  return `{${numbers.join(',')}}`;
}
