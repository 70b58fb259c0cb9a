import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { type Block, placeOf } from './block.js';
import { importedPackages } from './imported-packages.js';
import { isInstallation, wantedBy } from './installation.js';
import { textOf } from './markdown-text.js';
import type { Manifest } from './own-packages.js';
import { readPage } from './read-page.js';

/** The two sections that every package page has, in this order. */
export const promiseSections = ['What it promises', 'What it does not'] as const;

/**
 * What of the one shape of package pages a page lacks: its title is the package, its first paragraph one sentence, which is the
 * description of package.json, too; then how to install it, an example that imports from it (of a command: that calls it), and
 * behind that what it promises and what it does not.
 */
export function packagePageProblems(path: string, markdown: string, manifest: Manifest): string[] {
  const { children } = fromMarkdown(markdown);
  const { blocks } = readPage(path, markdown);
  const titles = children.flatMap((node) =>
    node.type === 'heading' ? [{ title: textOf(node), at: lineOf(node) }] : [],
  );
  const installation = blocks.find((block) => installs(block, manifest));
  const example = blocks.find((block) => isExample(block, manifest));
  const [promises, limits] = promiseSections.map((title) => titles.find((one) => one.title === title)?.at);

  const problems: string[] = [];
  const [title, first] = children;
  if (title?.type !== 'heading' || title.depth !== 1 || textOf(title) !== manifest.name) {
    problems.push(`its title is not ${manifest.name}`);
  }
  problems.push(...sentenceProblems(first?.type === 'paragraph' ? textOf(first) : '', manifest));
  if (installation === undefined) problems.push(`no block installs ${manifest.name}`);
  if (example === undefined) problems.push(`no example uses ${manifest.name}`);
  if (promises === undefined) problems.push(`the section "${promiseSections[0]}" is missing`);
  if (limits === undefined) problems.push(`the section "${promiseSections[1]}" is missing`);
  if (!areRising([installation?.line, example?.line, promises, limits])) {
    problems.push('installation, example and the two sections are not in this order');
  }
  return problems.map((problem) => `${placeOf({ page: path, line: 1 })}: ${problem}`);
}

function sentenceProblems(text: string, { description }: Manifest): string[] {
  const problems: string[] = [];
  if (!/^[^.!?]+(?:[.](?=\S)[^.!?]+)*\.$/.test(text))
    problems.push(`its first paragraph is not one sentence: "${text}"`);
  if (text !== `${description}.`)
    problems.push(`its first sentence is not the description in package.json: "${description}"`);
  return problems;
}

const installs = (block: Block, { name }: Manifest): boolean =>
  isInstallation(block) && wantedBy(block).some((wanted) => wanted.name === name);

function isExample(block: Block, { name, bin = {} }: Manifest): boolean {
  if (block.language === 'ts') return importedPackages(block.code).includes(name);
  return block.language === 'sh' && Object.keys(bin).some((command) => block.code.startsWith(`${command} `));
}

const areRising = (lines: ReadonlyArray<number | undefined>): boolean => {
  const known = lines.filter((line) => line !== undefined);
  return known.every((line, index) => index === 0 || line > (known[index - 1] ?? 0));
};

const lineOf = ({ position }: Nodes): number => position?.start.line ?? 0;
