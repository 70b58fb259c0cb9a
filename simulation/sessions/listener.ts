import type { Session } from '../checks/session.js';
import { Violation } from '../checks/violation.js';
import { isSight } from '../sightings.js';
import type { World } from '../world/world.js';

/** Codes of errors that faults explain. Everything else is a finding. */
const explained = new Set([
  'STORE_FENCED',
  'STORE_OUTCOME_UNKNOWN',
  'STORE_UNAVAILABLE',
  'STORE_LOCKED',
  'ENDPOINT_FENCED',
  'ENDPOINT_UNAVAILABLE',
  'SOURCE_UNAVAILABLE',
  'DELIVERY_EXHAUSTED',
  'DELIVERY_REJECTED',
]);

/** Hears what sessions say, and how they end. */
export class Listener {
  readonly #world: World;
  readonly #write: ((line: string) => void) | undefined;

  /** @param write Told what happens, for people. Undefined: nobody wants to know. */
  constructor(world: World, write: ((line: string) => void) | undefined) {
    this.#world = world;
    this.#write = write;
  }

  trace(line: () => string): void {
    this.#write?.(`${this.#world.scheduler.nowMs.toFixed(1).padStart(9)} ${line()}`);
  }

  /** I8: what is said is for everybody. */
  hear(name: string, message: string, tokens: readonly string[]): void {
    this.trace(() => `${name}: ${message}`);
    const token = tokens.find((one) => message.includes(one));
    if (token !== undefined) this.#world.violation ??= new Violation('I8', `a token was printed: ${message}`);
  }

  /** A kind of event that is counted. One that is not is no news of a story. */
  saw(text: string): void {
    if (isSight(text)) this.#world.sightings.saw(text);
  }

  /** Waits for how a session ends by itself, which its errors must explain. */
  async watch(end: Promise<unknown>, session: Session): Promise<void> {
    try {
      await end;
      session.end = { code: undefined };
    } catch (error) {
      const code = codeOf(error);
      session.end = { code };
      if (code === undefined || !explained.has(code)) this.#world.violation ??= error;
      const isHolder = this.#world.holders.current === session;
      if (code === 'STORE_FENCED' && isHolder && !session.hasLostOpening) {
        this.#world.violation ??= new Violation(
          'fence',
          `${session.name} holds the task, and was told that it is fenced`,
        );
      }
    }
    this.saw(`ended: ${session.end.code ?? 'well'}`);
    this.trace(() => `${session.name}: ended ${session.end?.code ?? 'well'}`);
  }
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
