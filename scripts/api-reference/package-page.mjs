import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { repository, root } from './published-entries.mjs';

/** README.md of a package without its title. Its links lead to the repository, where what they name is. */
export function packagePage(folder) {
  const text = readFileSync(join(root, folder, 'README.md'), 'utf8');
  const [, ...parts] = text.replace(/^# .*\n/, '\n').split(/^(?=```)/m);
  const [before] = text.replace(/^# .*\n/, '\n').split(/^(?=```)/m, 1);
  return [before, ...parts].map((part) => (/^```\w/.test(part) ? part : withAbsoluteLinks(part, folder))).join('');
}

function withAbsoluteLinks(text, folder) {
  return text.replaceAll(/\]\((?!https?:|#)([^)]+)\)/g, (_, target) => {
    return `](${repository}/blob/main/${posix.join(folder, target)})`;
  });
}
