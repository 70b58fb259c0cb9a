import type { Command } from 'commander';

/** What the help of a command says below its options. */
export type HelpPage = {
  /** Commands as they are typed, without the prompt, each with what it does; `''`: it says that itself. */
  examples: Readonly<Record<string, string>>;
  /** What each exit code of the command means. Undefined: it only has commands. */
  exitCodes?: Readonly<Record<number, string>>;
};

/** Adds it, in the one form that all commands have. */
export function addHelpPage(command: Command, { examples, exitCodes = {} }: HelpPage): Command {
  const typed = Object.entries(examples).map(([text, what]) => [`$ ${text}`, what] as const);
  const sections = [section('Examples', typed, 4), section('Exit codes', Object.entries(exitCodes), 2)];
  return command.addHelpText('after', sections.join(''));
}

/** Both columns aligned, as far as lines are not too long for a terminal. */
function section(title: string, rows: ReadonlyArray<readonly [string, string]>, gap: number): string {
  if (rows.length === 0) return '';
  const width = Math.max(0, ...rows.filter(([, what]) => what !== '').map(([first]) => first.length)) + gap;
  const lines = rows.map(([first, what]) => `  ${what === '' ? first : first.padEnd(width) + what}`);
  return `\n${title}:\n${lines.join('\n')}\n`;
}
