import type { OutboxRequest } from '@aftercommit/persistence/records';
import type { Chance } from './world/chance.js';
import { materialization } from './world/simulated-endpoint.js';
import { SimulatedProcess } from './world/simulated-process.js';
import type { World } from './world/world.js';

/** A person who looks at what is parked, and asks for something. */
export class Operator {
  readonly #world: World;
  readonly #chance: Chance;
  readonly #process: SimulatedProcess;

  constructor(world: World, chance: Chance) {
    this.#world = world;
    this.#chance = chance;
    this.#process = new SimulatedProcess('operator', world.scheduler, chance.fork('process'));
  }

  /** Leaves a message for the session. A database that is locked is asked again by nobody. */
  ask(): void {
    const request = this.#request();
    if (request === undefined) return;
    const from = { process: this.#process, askedAtMs: this.#world.scheduler.nowMs };
    const sent = this.#world.disk.addMessage(from, materialization, JSON.stringify(request));
    sent.catch(() => undefined);
  }

  #request(): OutboxRequest | undefined {
    const chance = this.#chance;
    const outbox = chance.pickAny(this.#world.ledger.outboxes);
    if (outbox === undefined) return undefined;
    if (!outbox.hasPartner && chance.happens(0.3)) return { request: 'drop-outbox', outbox: outbox.name };
    const parked = chance.pickAny([...outbox.parked.values()]);
    const keys = parked === undefined || chance.happens(0.4) ? 'all' : [parked.idempotencyKey];
    return { request: chance.pick(['replay', 'replay', 'drop']), outbox: outbox.name, keys };
  }
}
