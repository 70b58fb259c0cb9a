import { createColors } from 'picocolors';
import { sayError } from '../errors/say-error.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { localTime } from '../terminal/readable-text.js';
import type { StatusDisplay } from './status-display.js';
import { type StatusView, steadyText } from './status-view.js';

/** For logs: everything, with the time, whenever something has changed. */
export class StatusSnapshots implements StatusDisplay {
  readonly #outputs: Outputs;
  readonly #io: CommandLineIo;
  #known: string | undefined;
  /** What kept it from looking, as it was said last. */
  #trouble: string | undefined;

  constructor(outputs: Outputs, io: CommandLineIo) {
    this.#outputs = outputs;
    this.#io = io;
  }

  show({ objects, lines }: StatusView): void {
    if (this.#trouble !== undefined) this.#outputs.stderr.line(`${this.#time()} it can be read again`);
    this.#trouble = undefined;
    const seen = objects.map(steadyText).join('\n');
    if (seen === this.#known) return;
    const isFirst = this.#known === undefined;
    this.#known = seen;
    const head = `status at ${this.#time()}`;
    for (const line of [...(isFirst ? [] : ['']), head, ...lines(createColors(false))]) this.#outputs.stdout.line(line);
  }

  showTrouble(error: unknown): void {
    const trouble = String(error);
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#outputs.stderr.line(`${this.#time()} it cannot be read, and is looked at again:`);
    sayError(error, this.#outputs, this.#io.env);
  }

  #time(): string {
    const now = this.#io.clock.now();
    return localTime(now, now);
  }
}
