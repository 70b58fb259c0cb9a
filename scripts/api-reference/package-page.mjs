import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { repository, root } from './published-entries.mjs';

/**
 * README.md of a package without its title and its first sentence, which is the description in package.json. Its links lead to
 * the repository, where what they name is.
 */
export function packagePage(folder) {
  const text = readFileSync(join(root, folder, 'README.md'), 'utf8').replace(/^# .*\n\n(?:.+\n)+/, '');
  // Every other part is a block of code.
  return text
    .split(/^(```\w+\n[\s\S]*?^```$)/m)
    .map((part, index) => (index % 2 === 1 ? part : withAbsoluteLinks(part, folder)))
    .join('');
}

function withAbsoluteLinks(text, folder) {
  const page = `${repository}/blob/main/`;
  return text.replaceAll(/\]\((?!https?:|#)([^)]+)\)/g, (_, target) => `](${page}${posix.join(folder, target)})`);
}
