import { isJsonObject, type JsonObject } from '@aftercommit/models';
import type { Node } from 'yaml';
import { dataNotSpec, isNdjson } from './data-as-spec.js';
import { FileLocator } from './file-locator.js';
import { IssueCollector } from './issue-collector.js';
import { type ParsedYaml, parseYaml, type SyntaxProblem } from './parse-yaml.js';
import { type ReadNodes, readNodes } from './read-nodes.js';

/** The text of a spec as values; `root` is undefined when it cannot be read, and the issues say why. */
export type ParsedSpec = { root: JsonObject | undefined; issues: IssueCollector };

/**
 * Reads YAML, of which JSON is a part. A byte order mark is passed over.
 *
 * @param file What the spec is called in messages.
 */
export function parseSpec(withMark: string, file: string): ParsedSpec {
  const text = withMark.replace(/^\uFEFF/, '');
  if (isNdjson(text)) {
    const problem = { offset: 0, message: dataNotSpec(file) };
    return { root: undefined, issues: unread([problem], () => ({ line: 1, column: 1 })) };
  }
  const yaml = parseYaml(text);
  if (yaml.root === undefined) return { root: undefined, issues: whyUnread(yaml, file) };
  const startOf = (node: Node) => yaml.positionAt(node.range?.[0] ?? 0);
  const nodes = readNodes(yaml.root, (node) => startOf(node).line);
  const issues = new IssueCollector(new FileLocator(text, yaml.root, nodes.targets, startOf));
  for (const { node, pointer, message } of nodes.problems) {
    issues.add({ severity: 'error', code: 'CONFIG_SYNTAX', pointer, message }, startOf(node));
  }
  for (const { node, pointer, message } of nodes.duplicates) {
    issues.add({ severity: 'error', code: 'CONFIG_FIELD_DUPLICATE', pointer, message }, startOf(node));
  }
  return { root: mappingOf(nodes, file, issues), issues };
}

function whyUnread({ problems, positionAt }: ParsedYaml, file: string): IssueCollector {
  return unread(problems.length > 0 ? problems : [{ offset: 0, message: emptyFile(file) }], positionAt);
}

function unread(problems: readonly SyntaxProblem[], positionAt: ParsedYaml['positionAt']): IssueCollector {
  const issues = new IssueCollector({ positionOf: () => positionAt(0), positionInTemplate: () => undefined });
  for (const { offset, message } of problems) {
    issues.add({ severity: 'error', code: 'CONFIG_SYNTAX', pointer: '', message }, positionAt(offset));
  }
  return issues;
}

function mappingOf({ value, problems }: ReadNodes, file: string, issues: IssueCollector): JsonObject | undefined {
  if (problems.length > 0) return undefined;
  if (isJsonObject(value)) return value;
  const hint = typeof value === 'string' ? ' Write "name: value", with a space behind the colon.' : '';
  const notMapping = `A spec is a mapping with fields such as collections and materializations.${hint}`;
  issues.error('CONFIG_SYNTAX', [], value === null ? emptyFile(file) : notMapping);
  return undefined;
}

function emptyFile(file: string): string {
  return `${file} is empty. Write a spec: a mapping with collections and materializations.`;
}
