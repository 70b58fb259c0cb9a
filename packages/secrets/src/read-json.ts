import { deepestLevel, type OrderedObject, type OrderedValue, tooDeep } from './ordered-value.js';
import { SecretsError } from './secrets-error.js';

/** In a text that is known to be JSON: strings, brackets, and everything else that is a value. */
const token = /"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s{}[\],:"]+/g;

/**
 * The value of a JSON text with what `JSON.parse` would lose: the order of fields, fields given twice, integers that a double
 * cannot hold.
 *
 * @throws SecretsError `SECRETS_DOCUMENT_INVALID`. Its message quotes nothing.
 */
export function readJson(text: string, label: string): OrderedValue {
  try {
    JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const [, position] = error.message.match(/position (\d+)/) ?? [];
    const where = position === undefined ? '' : ` at ${lineAndColumn(text, Number(position))}`;
    throw new SecretsError('SECRETS_DOCUMENT_INVALID', `${label} is no JSON${where}.`);
  }
  return new TokenReader(text, label).read();
}

/** Recursive as far as documents may be deep. */
class TokenReader {
  readonly #tokens: IterableIterator<RegExpExecArray>;
  readonly #label: string;
  readonly #text: string;

  constructor(text: string, label: string) {
    this.#tokens = text.matchAll(token) as IterableIterator<RegExpExecArray>;
    this.#text = text;
    this.#label = label;
  }

  read(): OrderedValue {
    return this.#value(this.#next(), 0);
  }

  #next(): RegExpExecArray {
    const { value } = this.#tokens.next();
    return value;
  }

  #value(found: RegExpExecArray, level: number): OrderedValue {
    const [text] = found;
    if (level >= deepestLevel && (text === '{' || text === '[')) throw tooDeep(this.#label);
    if (text === '{') return this.#object(level);
    if (text === '[') return this.#array(level);
    if (/^-?\d+$/.test(text)) return exactInteger(text);
    const value: null | boolean | number | string = JSON.parse(text);
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    throw this.#invalid('has a number that is too large', found.index);
  }

  #array(level: number): OrderedValue[] {
    const elements: OrderedValue[] = [];
    for (let found = this.#next(); found[0] !== ']'; found = this.#next()) {
      elements.push(this.#value(found, level + 1));
    }
    return elements;
  }

  #object(level: number): OrderedObject {
    const fields: OrderedObject = new Map();
    for (let found = this.#next(); found[0] !== '}'; found = this.#next()) {
      const name: string = JSON.parse(found[0]);
      if (fields.has(name)) throw this.#invalid('has a field twice', found.index);
      fields.set(name, this.#value(this.#next(), level + 1));
    }
    return fields;
  }

  #invalid(problem: string, offset: number): SecretsError {
    const where = lineAndColumn(this.#text, offset);
    return new SecretsError('SECRETS_DOCUMENT_INVALID', `${this.#label} ${problem} at ${where}.`);
  }
}

function exactInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}
