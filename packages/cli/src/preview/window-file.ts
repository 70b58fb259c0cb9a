import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type ConfigIssue,
  isJsonObject,
  jsonPointer,
  parseTimestamp,
  type Window,
  WindowSchema,
} from '@aftercommit/models';
import { checkSettings } from '@aftercommit/registry';
import Type from 'typebox';
import { systemReason, UsageError } from '../errors/usage-error.js';
import { FileLocator } from '../spec/file-locator.js';
import { IssueCollector } from '../spec/issue-collector.js';
import { parseYaml } from '../spec/parse-yaml.js';
import { readNodes } from '../spec/read-nodes.js';
import type { SpecIssue } from '../spec/spec-issue.js';

/** Variables of a window that a person wrote down, and what is wrong with them. */
export type WindowFile = { variables: Partial<Window>; issues: SpecIssue[] };

/**
 * Reads variables of a window: JSON, or YAML. Those that are left out are not decided here.
 *
 * @param path Relative to the working folder.
 * @throws UsageError when there is no such file, or it cannot be read.
 */
export function readWindowFile(path: string, cwd: string): WindowFile {
  return readWindow(readText(resolve(cwd, path), path));
}

/** The same, of a text. */
export function readWindow(withMark: string): WindowFile {
  const text = withMark.replace(/^\uFEFF/, '');
  const yaml = parseYaml(text);
  if (yaml.root === undefined) {
    const problems = yaml.problems.length > 0 ? yaml.problems : [{ offset: 0, message: emptyFile }];
    return unreadable(problems.map(({ offset, message }) => ({ message, ...yaml.positionAt(offset) })));
  }
  const startOf = (node: { range?: readonly number[] | null }) => yaml.positionAt(node.range?.[0] ?? 0);
  const nodes = readNodes(yaml.root, (node) => startOf(node).line);
  const problems = [...nodes.problems, ...nodes.duplicates];
  if (problems.length > 0) return unreadable(problems.map(({ node, message }) => ({ message, ...startOf(node) })));
  const issues = new IssueCollector(new FileLocator(text, yaml.root, nodes.targets, startOf));
  const { settings, issues: found } = checkSettings(variablesSchema, nodes.value, 'A window');
  for (const issue of [...found, ...valueIssues(nodes.value)]) issues.add(issue);
  const variables = issues.errorCount > 0 ? {} : (settings as Partial<Window>);
  return { variables, issues: issues.inOrder() };
}

const emptyFile = 'It is empty. Write variables of a window: {"docs_total": 3}.';

/** Any of them may be left out. */
const variablesSchema = Type.Partial(WindowSchema);

function unreadable(problems: Array<{ message: string; line: number; column: number }>): WindowFile {
  const issues = problems.map(
    (problem): SpecIssue => ({ severity: 'error', code: 'CONFIG_SYNTAX', pointer: '', ...problem }),
  );
  return { variables: {}, issues };
}

/** What a schema does not say: no window of a run would be so. What is of another type is an issue already. */
function valueIssues(value: unknown): ConfigIssue[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, one]) => {
    const problem = valueProblem(name, one);
    if (problem === undefined) return [];
    return [
      { severity: 'error', code: 'CONFIG_INVALID', pointer: jsonPointer([name]), message: `${name} must ${problem}` },
    ];
  });
}

function valueProblem(name: string, value: unknown): string | undefined {
  if (name === 'collection_names' && Array.isArray(value) && value.length === 0) return 'name at least one collection.';
  if (typeof value !== 'string') return undefined;
  if (name === 'run_id' && !(/\.\d{6}Z$/.test(value) && isTime(value))) {
    return 'be a time with six digits behind the point, such as 2024-06-15T12:30:00.000000Z.';
  }
  const isPublished = name === 'flow_published_at_min' || name === 'flow_published_at_max';
  if (!isPublished || value === '' || isTime(value)) return undefined;
  return 'be a time such as 2024-06-15T12:30:00Z, or "" where no document has one.';
}

function isTime(text: string): boolean {
  try {
    parseTimestamp(text);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function readText(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, words } = systemReason(cause);
    const what = code === 'ENOENT' ? `There is no file ${path}` : `${path} cannot be read (${words})`;
    throw new UsageError(`${what}: give the path of a file with variables of a window, such as {"docs_total": 3}.`, {
      cause,
    });
  }
}
