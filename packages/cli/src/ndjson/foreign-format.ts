/** What is no text, and what to do about it. Undefined: it may be one. */
export function binaryFormat(content: Buffer): { problem: string; advice: string } | undefined {
  if (content[0] === 0x1f && content[1] === 0x8b) {
    return { problem: 'is not text: it begins as what gzip has compressed does', advice: 'Decompress it first.' };
  }
  if (!content.includes(0)) return undefined;
  return {
    problem: 'is not text: it has NUL bytes in it, as UTF-16 and binary files have',
    advice: 'Convert it to UTF-8, one JSON object per line.',
  };
}

const expected = 'One JSON object per line is expected';

/** What to do when such a line begins an input, all of which is of another format then. Undefined: only the line is wrong. */
export function formatAdvice(line: string): string | undefined {
  const text = line.trim();
  if (text.startsWith('[')) return `${expected}, without a list around them: jq -c '.[]' makes them of a list.`;
  if (!text.startsWith('{')) return `${expected}.`;
  return /[{[,]$/.test(text) ? `${expected}: jq -c . makes one line of each object.` : undefined;
}
