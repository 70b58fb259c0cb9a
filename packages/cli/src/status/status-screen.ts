import { stripVTControlCharacters } from 'node:util';
import { createColors } from 'picocolors';
import { ownErrorCode } from '../errors/own-error.js';
import { type CommandLineIo, hasColors } from '../terminal/command-line-io.js';
import type { Output, Outputs } from '../terminal/output.js';
import { counted, localTime, oneLine, span } from '../terminal/readable-text.js';
import { textWidth } from '../terminal/text-width.js';
import type { StatusDisplay } from './status-display.js';
import type { StatusView } from './status-view.js';

/**
 * For people who look on: what is seen is written over what was seen before. Lines are left to the terminal to break, so that
 * a command that is longer than a line can be copied.
 */
export class StatusScreen implements StatusDisplay {
  readonly #stdout: Output;
  readonly #io: CommandLineIo;
  readonly #everyMs: number;
  readonly #colors: ReturnType<typeof createColors>;
  /** What was seen last, at a look that succeeded. */
  #seen: string[] = [];
  /** What stands on the screen. How many of its lines that takes is known when it is written over: its width may have changed. */
  #shown: string[] = [];

  constructor({ stdout }: Outputs, io: CommandLineIo, everyMs: number) {
    this.#stdout = stdout;
    this.#io = io;
    this.#everyMs = everyMs;
    this.#colors = createColors(hasColors(stdout.stream, io.env));
  }

  show({ lines }: StatusView): void {
    this.#seen = lines(this.#colors);
    this.#draw(this.#colors.dim(`looked at ${this.#time()}, and again every ${span(this.#everyMs)}; Ctrl-C ends it`));
  }

  showTrouble(error: unknown): void {
    const code = ownErrorCode(error);
    const message = oneLine(error instanceof Error ? error.message : String(error));
    const why = code === undefined ? message : `${code}: ${message}`;
    this.#draw(this.#colors.red(`${this.#time()} it cannot be read, and is looked at again: ${why}`));
  }

  #draw(last: string): void {
    const { columns = 80, rows = 24 } = this.#stdout.stream;
    // The cursor stands in the line below.
    const shown = fitting([...this.#seen, '', last], columns, Math.max(1, rows - 1));
    const up = this.#shown.length === 0 ? '' : `\u001B[${rowsOfAll(this.#shown, columns)}A\r\u001B[J`;
    this.#stdout.write(`${up}${shown.map((line) => `${line}\n`).join('')}`);
    this.#shown = shown;
  }

  #time(): string {
    const now = this.#io.clock.now();
    return localTime(now, now);
  }
}

/** What is stuck stands first and is seen; of the rest how much there is more. The last line is always seen. */
function fitting(lines: readonly string[], columns: number, rows: number): string[] {
  const last = lines.slice(-1);
  if (rowsOfAll(lines, columns) <= rows) return [...lines];
  const shown: string[] = [];
  for (const line of lines.slice(0, -1)) {
    if (rowsOfAll([...shown, line, ...last], columns) + 1 > rows) break;
    shown.push(line);
  }
  return [...shown, `… and ${counted(lines.length - shown.length - 2, 'more line')}`, ...last];
}

function rowsOfAll(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + rowsOf(line, columns), 0);
}

function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(textWidth(stripVTControlCharacters(line)) / columns));
}
