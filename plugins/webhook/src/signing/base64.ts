/** The bytes of base64 as everybody writes it: the usual alphabet, padded, nothing around it. Undefined: it is none. */
export function base64Bytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
