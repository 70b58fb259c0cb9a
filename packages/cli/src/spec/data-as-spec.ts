import { isJsonObject } from '@aftercommit/models';

/** How far it is looked for the first two lines that are not blank. */
const linesLookedAt = 10;

/** Whether the first two lines are a JSON object each: data, in which everything would be wrong as a spec. */
export function isNdjson(text: string): boolean {
  const [first, second] = text.split('\n', linesLookedAt).filter((line) => line.trim() !== '');
  return first !== undefined && second !== undefined && isJsonObjectText(first) && isJsonObjectText(second);
}

/** What to do with a file of data that was given as the spec. */
export function dataNotSpec(file: string): string {
  return `${file} is data, one JSON object per line, and not a spec. Give the path of a spec that names it: source: { ndjson: ${file} }.`;
}

function isJsonObjectText(line: string): boolean {
  try {
    return isJsonObject(JSON.parse(line));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
}
