import { type NotRun, readNotRun } from './not-run.js';

/** What comments right above a block say of it. */
export type BlockComments = { notRun: NotRun | undefined; exitCode: number; problems: string[] };

/** Reads `<!-- not run: KIND: why -->` and `<!-- exits with 2 -->`. Any other comment above a block is a problem: a slip would be obeyed silently. */
export function readBlockComments(html: readonly string[]): BlockComments {
  const read: BlockComments = { notRun: undefined, exitCode: 0, problems: [] };
  const comments = html.flatMap((text) => [...text.matchAll(/<!--([\s\S]*?)-->/g)].map(([, comment = '']) => comment));
  for (const comment of comments.map((one) => one.trim())) {
    const [, reason] = /^not run:(.*)$/s.exec(comment) ?? [];
    const [, exitCode] = /^exits with (\d+)$/.exec(comment) ?? [];
    if (reason !== undefined) {
      const notRun = readNotRun(reason);
      if (typeof notRun === 'string') read.problems.push(notRun);
      else read.notRun = notRun;
    } else if (exitCode !== undefined) read.exitCode = Number(exitCode);
    else read.problems.push(`"${comment}" says nothing of the block below: write "not run: …" or "exits with …"`);
  }
  return read;
}
