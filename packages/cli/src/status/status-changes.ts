import { sayError } from '../errors/say-error.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import type { StatusDisplay } from './status-display.js';
import { type StatusObject, type StatusView, steadyText, thingOf } from './status-view.js';

/** For programs: at first an object for each thing, and later one for each that has changed, or is gone. */
export class StatusChanges implements StatusDisplay {
  readonly #outputs: Outputs;
  readonly #env: CommandLineIo['env'];
  #known = new Map<string, StatusObject>();
  /** What kept it from looking, as it was said last. */
  #trouble: string | undefined;

  constructor(outputs: Outputs, env: CommandLineIo['env']) {
    this.#outputs = outputs;
    this.#env = env;
  }

  show({ objects }: StatusView): void {
    const now = new Map(objects.map((object) => [thingOf(object), object]));
    for (const [thing, object] of now) {
      const before = this.#known.get(thing);
      if (before === undefined || steadyText(before) !== steadyText(object)) this.#print(object);
    }
    for (const [thing, { event, materialization, worker }] of this.#known) {
      if (!now.has(thing)) this.#print({ event: 'gone', what: event, materialization, worker });
    }
    this.#known = now;
    this.#trouble = undefined;
  }

  showTrouble(error: unknown): void {
    const trouble = String(error);
    if (trouble !== this.#trouble) sayError(error, this.#outputs, this.#env);
    this.#trouble = trouble;
    // A program that was told of it is told everything again once it is over.
    this.#known = new Map();
  }

  #print(object: StatusObject): void {
    this.#outputs.stdout.line(JSON.stringify(object));
  }
}
