import { Composer, isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, Parser, Scalar } from 'yaml';
import { deepestLevel, type OrderedObject, type OrderedValue, tooDeep } from './ordered-value.js';
import { SecretsError } from './secrets-error.js';
import { plainScalar } from './yaml-scalar.js';

/** Every scalar a text at first: what stands for something else is decided as sops does. */
const composing = { schema: 'failsafe', version: '1.2', merge: false, uniqueKeys: false, stringKeys: false } as const;

/**
 * The value of one YAML document. Comments are read past, as the seal of sops does. Aliases, anchors and tags are refused:
 * they make one place of a document say what stands at another.
 *
 * @throws SecretsError `SECRETS_DOCUMENT_INVALID`. Its message quotes nothing.
 */
export function readYaml(text: string, label: string): OrderedValue {
  const lines = new LineCounter();
  const invalid = (problem: string, offset: number): SecretsError => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return new SecretsError('SECRETS_DOCUMENT_INVALID', `${label} ${problem} at line ${line}, column ${col}.`);
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  assertShallow(tokens, label);
  const [document, second] = new Composer(composing).compose(tokens, true, text.length);
  const [problem] = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  if (problem !== undefined) throw invalid(`is no YAML (${problem.code})`, problem.pos[0]);
  if (second !== undefined) throw invalid('has a second document', second.range[0]);
  return document?.contents ? readNode(document.contents, invalid) : null;
}

type Invalid = (problem: string, offset: number) => SecretsError;

function readNode(node: ParsedNode, invalid: Invalid): OrderedValue {
  const [offset] = node.range;
  if (isAlias(node)) throw invalid('has an alias (*), which is not allowed here', offset);
  if (node.anchor !== undefined) throw invalid('has an anchor (&), which is not allowed here', offset);
  if (node.tag !== undefined && !/^tag:yaml\.org,2002:(?:map|seq|str)$/.test(node.tag)) {
    throw invalid('has a tag (!), which is not allowed here', offset);
  }
  if (isSeq(node)) return node.items.map((item) => readNode(item, invalid));
  if (isMap(node)) return fieldsOf(node.items, invalid);
  return scalarOf(node, invalid);
}

function fieldsOf(
  pairs: ReadonlyArray<{ key: ParsedNode; value: ParsedNode | null }>,
  invalid: Invalid,
): OrderedObject {
  const fields: OrderedObject = new Map();
  for (const { key, value } of pairs) {
    const [offset] = key.range;
    const name = isScalar(key) ? readNode(key, invalid) : undefined;
    if (typeof name !== 'string') throw invalid('has a field whose name is no text: put it in quotes', offset);
    if (fields.has(name)) throw invalid('has a field twice', offset);
    fields.set(name, value === null ? null : readNode(value, invalid));
  }
  return fields;
}

function scalarOf(node: Scalar.Parsed, invalid: Invalid): OrderedValue {
  const text = typeof node.value === 'string' ? node.value : '';
  const isPlain = node.type === Scalar.PLAIN && node.tag === undefined;
  const value = isPlain ? plainScalar(text) : text;
  if (value === undefined) throw invalid('has a timestamp without quotes: put it in quotes', node.range[0]);
  return value;
}

type Token = Parameters<Composer['compose']>[0] extends Iterable<infer Found> ? Found : never;

/** Not recursive itself, unlike the composing of nodes. */
function assertShallow(tokens: Token[], label: string): void {
  let level: Token[] = tokens.flatMap(inside);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= deepestLevel && level.some((token) => 'items' in token)) throw tooDeep(label);
    level = level.flatMap(inside);
  }
}

function inside(token: Token): Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((inner) => inner !== undefined && inner !== null));
}
