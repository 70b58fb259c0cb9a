import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Definition, Image, Link, Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { placeOf } from './block.js';
import { textOf } from './markdown-text.js';

/** The links of a page that lead nowhere: `docs/quickstart.md:12: ../plugins/webhoks`. Those to other sites are not followed. */
export function brokenLinks(root: string, page: string): string[] {
  return linksOf(join(root, page))
    .filter(({ url }) => !/^[a-z][a-z\d+.-]*:/i.test(url))
    .filter(({ url }) => !leadsSomewhere(join(root, page), url))
    .map(({ url, position }) => `${placeOf({ page, line: position?.start.line ?? 0 })}: ${url}`);
}

function linksOf(file: string): Array<Link | Image | Definition> {
  return withInner(markdownOf(file)).filter(
    (node) => node.type === 'link' || node.type === 'image' || node.type === 'definition',
  );
}

function leadsSomewhere(from: string, url: string): boolean {
  const [path = '', anchor] = decodeURI(url).split('#');
  const target = path === '' ? from : join(dirname(from), path);
  if (!existsSync(target)) return false;
  if (anchor === undefined) return true;
  // Of a folder, its page is shown.
  const page = statSync(target).isDirectory() ? join(target, 'README.md') : target;
  return page.endsWith('.md') && existsSync(page) && anchorsOf(page).has(anchor);
}

/** As GitHub makes them of headings: of two that are the same, the second ends in `-1`. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const heading of withInner(markdownOf(page)).filter(({ type }) => type === 'heading')) {
    const words = textOf(heading).toLowerCase();
    const anchor = words.replaceAll(/[^\p{Letter}\p{Number}_ -]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

const markdownOf = (file: string): Nodes => fromMarkdown(readFileSync(file, 'utf8'));

const withInner = (node: Nodes): Nodes[] => [node, ...('children' in node ? node.children.flatMap(withInner) : [])];
