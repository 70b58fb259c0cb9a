import { jsonPointer } from '@aftercommit/models';
import { type OrderedObject, type OrderedValue, writeDocument } from '@aftercommit/secrets';
import {
  Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  Pair,
  parseDocument,
  Scalar,
  YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { SpecPath } from '../spec/issue-collector.js';

const suffix = '_sops';

/**
 * The text with another value for one of its configurations. Nothing else of it is changed, and in YAML what stays of the
 * configuration keeps its comments and the way in which it is written.
 *
 * @param path Of the configuration, which is a mapping. Empty: it is the whole text.
 */
export function replaceConfig(text: string, path: SpecPath, value: OrderedObject): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const body = text.slice(mark.length);
  const document = parseDocument(body, { keepSourceTokens: true, merge: false, uniqueKeys: false, stringKeys: true });
  const node: unknown = path.length === 0 ? document.contents : document.getIn([...path], true);
  if (!isNode(node) || !isMap(node) || !node.range) throw new TypeError(`There is no mapping at ${jsonPointer(path)}.`);
  const [from, valueEnd] = node.range;
  const to = endOfContent(body, from, valueEnd);
  const line = body.slice(body.lastIndexOf('\n', from - 1) + 1, from);
  const indentation = indentationOf(body);
  keepOutside(node, body.slice(to, node.range[2]));
  const written = isJson(body) ? jsonText(value, line, indentation) : yamlText(node, value, line, indentation);
  return `${mark}${body.slice(0, from)}${written}${body.slice(to)}`;
}

/** Comments that stand before a mapping or behind it are not replaced with it: they stay where they are. */
function keepOutside(map: YAMLMap, behind: string): void {
  const [first] = map.items;
  for (const node of [map, first?.key]) if (isNode(node)) node.commentBefore = null;
  if (behind.includes('#')) map.comment = null;
}

/** What follows a value, up to what comes next, is not its. */
function endOfContent(text: string, from: number, to: number): number {
  return from + text.slice(from, to).trimEnd().length;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** How far the first field that is indented is indented. */
function indentationOf(text: string): number {
  const [, spaces = '  '] = /\n( +)\S/.exec(text) ?? [];
  return spaces.length;
}

/** @param line What stands before the value in its line. */
function jsonText(value: OrderedObject, line: string, indentation: number): string {
  const outer = /^ */.exec(line)?.[0] ?? '';
  const text = writeDocument(value, 'json').trimEnd();
  return text.replaceAll(/\n(\t*)/g, (_, tabs: string) => `\n${outer}${' '.repeat(tabs.length * indentation)}`);
}

function yamlText(node: YAMLMap, value: OrderedObject, line: string, indentation: number): string {
  reshape(node, value);
  // sops reads YAML 1.1, in which more texts need quotes: `yes`, times.
  const document = new Document<Node>(null, { version: '1.1' });
  document.contents = node;
  const text = document.toString({ lineWidth: 0, indent: indentation });
  return text.trimEnd().replaceAll(/\n(?=[^\n])/g, `\n${' '.repeat(line.length)}`);
}

/** Makes a mapping hold the value, in its order, of the fields that it has already under their names or their sealed ones. */
function reshape(map: YAMLMap, value: OrderedObject): void {
  const [first] = map.items;
  // It is about what follows it, which may get another place.
  if (map.commentBefore && isNode(first?.key)) {
    first.key.commentBefore = map.commentBefore;
    map.commentBefore = null;
  }
  const pairs = new Map(map.items.map((pair) => [nameOf(pair), pair]));
  map.items = [...value].map(([name, inner]) => {
    const known = pairs.get(name) ?? pairs.get(otherName(name));
    if (known === undefined) return new Pair(new Scalar(name), nodeOf(inner));
    if (isScalar(known.key)) known.key.value = name;
    known.value = reshaped(known.value, inner);
    return known;
  });
}

function reshaped(node: unknown, value: OrderedValue): Node {
  if (value instanceof Map && isSeq(node)) return reshaped(named(node), value);
  if (value instanceof Map && isMap(node)) {
    reshape(node, value);
    return node;
  }
  if (isScalar(node) && node.value === value) return node;
  const changed = nodeOf(value);
  if (isNode(node)) Object.assign(changed, { comment: node.comment, commentBefore: node.commentBefore });
  return changed;
}

/** A list of triggers as a map: each keeps its fields, and what is said of it. */
function named(list: YAMLSeq): YAMLMap {
  const map = new YAMLMap();
  for (const item of list.items) {
    if (!isMap(item)) continue;
    const name = item.items.find((pair) => nameOf(pair) === 'name')?.value;
    const key = new Scalar(isScalar(name) ? String(name.value) : '');
    const before = [map.items.length === 0 ? list.commentBefore : undefined, item.commentBefore].filter(Boolean);
    if (before.length > 0) key.commentBefore = before.join('\n');
    item.commentBefore = null;
    map.items.push(new Pair(key, item));
  }
  if (list.comment) map.comment = list.comment;
  return map;
}

function nodeOf(value: OrderedValue): Node {
  return new Document(value).contents as Node;
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

function otherName(name: string): string {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : `${name}${suffix}`;
}
