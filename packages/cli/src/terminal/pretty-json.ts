/** A text, a bracket, a comma, a colon, or whatever stands between them: what is cut or redacted need not be JSON any more. */
const token = /"(?:[^"\\]|\\.)*"?|\[redacted\]|[{}[\],:]|[^\s{}[\],:"]+/gs;

const closers: Partial<Record<string, string>> = { '{': '}', '[': ']' };

/**
 * JSON with a line for each field and element. Every value stays as it is written: numbers are exact, and fields in their order.
 * Of what is no JSON, each part stands where it would in JSON.
 */
export function prettyJson(text: string): string {
  const tokens = text.match(token) ?? [];
  const printed: string[] = [];
  let depth = 0;
  const line = (): string => `\n${'  '.repeat(depth)}`;
  for (const [index, part] of tokens.entries()) {
    const closer = closers[part];
    if (closer !== undefined && tokens[index + 1] === closer) {
      printed.push(part);
    } else if (closer !== undefined) {
      depth += 1;
      printed.push(part, line());
    } else if (part === '}' || part === ']') {
      if (closers[tokens[index - 1] ?? ''] === part) {
        printed.push(part);
        continue;
      }
      depth = Math.max(0, depth - 1);
      printed.push(line(), part);
    } else if (part === ',') {
      printed.push(part, line());
    } else {
      printed.push(part === ':' ? ': ' : part);
    }
  }
  return printed.join('');
}
