import { isJsonObject, type JsonObject, jsonPointer } from '@aftercommit/models';
import type { OrderedValue } from '@aftercommit/secrets';
import type { Node } from 'yaml';
import { dataNotSpec, isNdjson } from './data-as-spec.js';
import { FileLocator } from './file-locator.js';
import { IssueCollector, type IssueOrigin, type SpecPath } from './issue-collector.js';
import { orderedValue } from './ordered-node.js';
import { type ParsedYaml, parseYaml, type SyntaxProblem } from './parse-yaml.js';
import { type ReadNodes, readNodes } from './read-nodes.js';

/** The text of a spec as values; `root` is undefined when it cannot be read, and the issues say why. */
export type ParsedSpec = {
  root: JsonObject | undefined;
  issues: IssueCollector;
  /** What stands at a path, with its fields in the order in which they are written. */
  orderedAt(path: SpecPath): OrderedValue;
};

/**
 * Reads YAML, of which JSON is a part. A byte order mark is passed over.
 *
 * @param file What the spec is called in messages.
 * @param origin Of a part of a spec that is in a file of its own: where it belongs. Undefined: it is a whole spec.
 */
export function parseSpec(withMark: string, file: string, origin?: IssueOrigin): ParsedSpec {
  const text = withMark.replace(/^\uFEFF/, '');
  const nothing = { root: undefined, orderedAt: () => null };
  if (isNdjson(text)) {
    const problem = { offset: 0, message: dataNotSpec(file) };
    return { ...nothing, issues: unread([problem], () => ({ line: 1, column: 1 }), origin) };
  }
  const yaml = parseYaml(text);
  if (yaml.root === undefined) return { ...nothing, issues: whyUnread(yaml, file, origin) };
  const startOf = (node: Node) => yaml.positionAt(node.range?.[0] ?? 0);
  const nodes = readNodes(yaml.root, (node) => startOf(node).line);
  const locator = new FileLocator(text, yaml.root, nodes.targets, startOf);
  const issues = new IssueCollector(locator, origin);
  for (const { node, pointer, message } of nodes.problems) {
    issues.add({ severity: 'error', code: 'CONFIG_SYNTAX', pointer, message }, startOf(node));
  }
  for (const { node, pointer, message } of nodes.duplicates) {
    issues.add({ severity: 'error', code: 'CONFIG_FIELD_DUPLICATE', pointer, message }, startOf(node));
  }
  const orderedAt = (path: SpecPath) => orderedValue(locator.nodeAt(jsonPointer(path)), nodes.targets);
  return { root: mappingOf(nodes, file, issues, origin), issues, orderedAt };
}

function whyUnread(
  { problems, positionAt }: ParsedYaml,
  file: string,
  origin: IssueOrigin | undefined,
): IssueCollector {
  const found = problems.length > 0 ? problems : [{ offset: 0, message: emptyFile(file, origin) }];
  return unread(found, positionAt, origin);
}

function unread(
  problems: readonly SyntaxProblem[],
  positionAt: ParsedYaml['positionAt'],
  origin: IssueOrigin | undefined,
): IssueCollector {
  const locator = { positionOf: () => positionAt(0), positionInText: () => undefined };
  const issues = new IssueCollector(locator, origin);
  for (const { offset, message } of problems) {
    issues.add({ severity: 'error', code: 'CONFIG_SYNTAX', pointer: '', message }, positionAt(offset));
  }
  return issues;
}

function mappingOf(
  { value, problems }: ReadNodes,
  file: string,
  issues: IssueCollector,
  origin: IssueOrigin | undefined,
): JsonObject | undefined {
  if (problems.length > 0) return undefined;
  if (isJsonObject(value)) return value;
  const hint = typeof value === 'string' ? ' Write "name: value", with a space behind the colon.' : '';
  const what =
    origin === undefined
      ? 'A spec is a mapping with fields such as collections and materializations.'
      : 'Triggers are a mapping with the field config.';
  issues.error('CONFIG_SYNTAX', [], value === null ? emptyFile(file, origin) : `${what}${hint}`);
  return undefined;
}

function emptyFile(file: string, origin: IssueOrigin | undefined): string {
  if (origin !== undefined) return `${file} is empty. Write triggers: a mapping with the field config.`;
  return `${file} is empty. Write a spec: a mapping with collections and materializations.`;
}
