import { createInterface } from 'node:readline';
import { createColors } from 'picocolors';
import { InterruptedError, UsageError } from '../errors/usage-error.js';
import { type CommandLineIo, hasColors, isTerminal } from '../terminal/command-line-io.js';
import { oneLine } from '../terminal/readable-text.js';
import type { Ask, Question } from './question.js';

/** Whether somebody can be asked: both what is typed and where questions stand are a terminal. */
export function canAsk({ stdin, stderr }: Pick<CommandLineIo, 'stdin' | 'stderr'>): boolean {
  return 'isTTY' in stdin && stdin.isTTY === true && stderr.isTTY === true;
}

/**
 * Asks on standard error, until there is an answer. Tab completes, an empty line takes what is usual.
 *
 * @throws InterruptedError on Ctrl-C, UsageError at the end of input.
 */
export function askAtTerminal(io: CommandLineIo): Ask {
  const { bold, dim, yellow } = createColors(hasColors(io.stderr, io.env));
  return async (question) => {
    const { text, about, usual } = question;
    if (about !== undefined) io.stderr.write(`${dim(oneLine(about))}\n`);
    const prompt = `${bold(text)} ${usual === undefined ? '' : `${dim(`(${oneLine(usual)})`)} `}`;
    for (;;) {
      const typed = (await typedLine(prompt, question, io)).trim();
      const answer = typed === '' ? usual : typed;
      const problem = answer === undefined ? 'There has to be an answer.' : question.problem(answer);
      if (answer !== undefined && problem === undefined) return answer;
      io.stderr.write(`  ${yellow(oneLine(problem ?? ''))}\n`);
    }
  };
}

function typedLine(prompt: string, { proposals }: Question, io: CommandLineIo): Promise<string> {
  const lines = createInterface({
    input: io.stdin,
    output: io.stderr,
    terminal: isTerminal(io.stderr, io.env),
    completer: (typed: string) => [proposals.filter((one) => one.startsWith(typed)), typed],
  });
  return new Promise((resolve, reject) => {
    // Closing it is also what the end of input does, and by then there is an answer, or none.
    lines.once('close', () => reject(new UsageError('The answers end here. Nothing was written.')));
    lines.once('SIGINT', () => {
      io.stderr.write('\n');
      reject(new InterruptedError('Interrupted. Nothing was written.'));
      lines.close();
    });
    lines.question(prompt, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}
