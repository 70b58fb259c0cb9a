import type { Code, Nodes, Paragraph } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { type Block, placeOf } from './block.js';
import { readBlockComments } from './block-comments.js';
import { handlingOf, isStarted } from './block-handling.js';

/** What is fenced on a page, from top to bottom. */
export type Page = {
  /** Its path, relative to the repository. */
  path: string;
  blocks: Block[];
  /** Why it cannot be followed as it is written, each with its line. */
  problems: string[];
  /** Code within sentences, with lines. */
  mentions: Mention[];
};

/** Code within a sentence. */
export type Mention = { line: number; code: string };

/** Reads a page's Markdown. */
export function readPage(path: string, markdown: string): Page {
  const page: Page = { path, blocks: [], problems: [], mentions: [] };
  readChildren(fromMarkdown(markdown), page);
  return page;
}

function readChildren(parent: Nodes, page: Page): void {
  if (!('children' in parent)) return;
  parent.children.forEach((node, index) => {
    if (node.type === 'code') readCode(node, parent.children.slice(0, index), page);
    else if (node.type === 'inlineCode') page.mentions.push({ line: lineOf(node), code: node.value });
    else readChildren(node, page);
  });
}

/** @param above What stands above it, from top to bottom. */
function readCode(node: Code, above: readonly Nodes[], page: Page): void {
  const comments = above.slice(above.findLastIndex(({ type }) => type !== 'html') + 1);
  const { notRun, exitCode, problems } = readBlockComments(
    comments.flatMap((comment) => (comment.type === 'html' ? [comment.value] : [])),
  );
  const before = above.at(-comments.length - 1);
  const block: Block = {
    page: page.path,
    line: lineOf(node),
    language: node.lang ?? '',
    code: `${node.value}\n`,
    file: before?.type === 'paragraph' ? namedFile(before) : undefined,
    notRun,
    exitCode,
    shown: undefined,
  };
  const report = (...all: string[]) => page.problems.push(...all.map((problem) => `${placeOf(block)}: ${problem}`));
  report(...problems);
  if (block.language === 'text' && before?.type === 'code') {
    const printer = page.blocks.at(-1);
    if (printer !== undefined && isStarted(printer)) printer.shown = block.code;
    else report('shows what the block above prints, which is not run');
    return;
  }
  page.blocks.push(block);
  report(...problemsOf(block));
}

function problemsOf(block: Block): string[] {
  const handling = handlingOf(block);
  if ('problem' in handling) return [handling.problem];
  if (block.exitCode !== 0 && !isStarted(block)) return ['is not started, and ends with no exit code'];
  return [];
}

/** The name in a sentence that ends with it and a colon. */
function namedFile({ children }: Paragraph): string | undefined {
  const [name, colon] = children.slice(-2);
  if (name?.type !== 'inlineCode' || colon?.type !== 'text' || colon.value !== ':') return undefined;
  return /^(?:[\w-][\w.-]*\/)*[\w-]*\.\w+$/.test(name.value) ? name.value : undefined;
}

function lineOf({ position }: Nodes): number {
  if (position === undefined) throw new Error('Markdown that was parsed has positions');
  return position.start.line;
}
