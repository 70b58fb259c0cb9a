/** Names that JetStream acts on, and that we set. */
const reserved = /^(?:nats-.*|aftercommit-epoch|aftercommit-test|traceparent)$/i;

export function isHeaderName(name: string): boolean {
  return /^[!-9;-~]+$/.test(name);
}

/** What is wrong with a header, as a sentence that quotes no value. Undefined: nothing. */
export function headerProblem(name: string, value: string | undefined): string | undefined {
  if (!isHeaderName(name)) {
    // Only its beginning is shown: `Team: s3cret` that became a name as a whole has the secret in it.
    const [beginning = ''] = /^[\w-]*/.exec(name) ?? [];
    return `A header that begins with "${beginning}" has no legal name. Use letters, digits and hyphens, and put its value behind a colon.`;
  }
  if (reserved.test(name))
    return `Header ${name} is JetStream's or ours. Remove it. Reserved: Nats-*, aftercommit-epoch, aftercommit-test, traceparent.`;
  if (value !== undefined && /[\r\n]/.test(value))
    return `The value of header ${name} has a line break, which no header can carry.`;
  return undefined;
}

/** A message's headers as they are sent: `NATS/1.0`, a line each, and an empty one. */
export function encodeHeaders(headers: Iterable<readonly [name: string, value: string]>): Buffer {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`NATS/1.0\r\n${lines.join('')}\r\n`);
}
