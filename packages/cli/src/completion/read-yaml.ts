import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { systemReason } from '../errors/usage-error.js';

/** What can be understood of a file that somebody may be in the middle of writing. Null: there is none, or nothing. */
export function readYaml(file: string): unknown {
  const text = readText(file);
  if (text === undefined) return null;
  try {
    return parseDocument(text, { logLevel: 'silent' }).toJS();
  } catch (error) {
    // An alias whose anchor is not there, or too many of them.
    if (error instanceof ReferenceError) return null;
    throw error;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // Whatever the system says of it is no answer to somebody who is typing; what the system has not said is thrown.
    systemReason(error);
    return undefined;
  }
}
