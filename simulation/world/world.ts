import type { Document } from '@aftercommit/models';
import type { Attempt } from '@aftercommit/registry';
import { MemoryEndpoint } from '@aftercommit/testkit';
import { Attempts } from '../checks/attempts.js';
import { Commits } from '../checks/commits.js';
import { OutboxLedger } from '../checks/outbox-ledger.js';
import type { Session } from '../checks/session.js';
import type { Chance } from './chance.js';
import { Disk } from './disk.js';
import { Network } from './network.js';
import { Scheduler } from './scheduler.js';
import { VisibleDocuments } from './simulated-endpoint.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { Collection } from './simulated-source.js';
import { WallClock } from './wall-clock.js';

/** What a world is made with. */
export type WorldPlan = { documents: number; overMs: number; roughness: number };

/** Everything outside of the processes, and the books that are kept about it. */
export class World {
  readonly scheduler = new Scheduler();
  readonly wall = new WallClock(this.scheduler);
  readonly endpoint = new MemoryEndpoint();
  readonly visible = new VisibleDocuments(this.endpoint);
  readonly commits = new Commits();
  readonly attempts = new Attempts(this.commits, this.visible);
  readonly ledger: OutboxLedger;
  readonly disk: Disk;
  readonly network: Network;
  readonly collection: Collection;
  readonly #sessions = new Map<SimulatedProcess, Session>();
  /** The first thing that happened and must not. Undefined: nothing has. */
  violation: unknown;

  constructor(chance: Chance, plan: WorldPlan) {
    const { scheduler, wall, commits, attempts } = this;
    this.ledger = new OutboxLedger({ commits, attempts, wall });
    const { ledger } = this;
    this.disk = new Disk(scheduler, chance.fork('disk'), {
      opened: (owner) => this.#watch(() => ledger.opened(owner)),
      openingLost: (before) => this.#watch(() => ledger.openingLost(before)),
      written: (write) => this.#watch(() => ledger.written(write)),
    });
    const witness = {
      began: (process: SimulatedProcess, attempt: Attempt) => this.#watch(() => this.#began(process, attempt)),
      accepted: (attempt: Attempt) => attempts.noteAccepted(attempt),
      acceptanceRead: (process: SimulatedProcess, attempt: Attempt) => {
        const session = this.#sessions.get(process);
        if (session !== undefined) attempts.noteAcceptanceRead(attempt, session);
      },
    };
    this.network = new Network(scheduler, chance.fork('network'), witness, plan.roughness);
    this.collection = collectionOf(chance.fork('documents'), plan);
  }

  note(session: Session): void {
    this.#sessions.set(session.process, session);
  }

  /** Kept here, because the runtime takes what is thrown at it for one more fault, and goes on. */
  #watch(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.violation ??= error;
    }
  }

  #began(process: SimulatedProcess, attempt: Attempt): void {
    const session = this.#sessions.get(process);
    if (session !== undefined) this.attempts.noteBegun(attempt, session, this.ledger);
  }
}

function collectionOf(chance: Chance, { documents, overMs }: WorldPlan): Collection {
  const moments = Array.from({ length: documents }, () => Math.floor(chance.fraction() * overMs)).sort((a, b) => a - b);
  return moments.map((atMs, number) => {
    // Keys rise and come back: both what is known to be new and what has to be looked up.
    const id = chance.happens(0.5) ? number : chance.between(0, number);
    const document: Document = { id, number, [`field-${chance.between(0, 2)}`]: chance.happens(0.2) ? null : number };
    return { document, atMs };
  });
}
