import type { Attempt, AttemptOutcome } from '@aftercommit/registry';
import { MemoryEndpoint } from '@aftercommit/testkit';
import { Attempts } from '../checks/attempts.js';
import { Commits } from '../checks/commits.js';
import { Deliveries } from '../checks/deliveries.js';
import { Holders } from '../checks/holders.js';
import { OutboxLedger } from '../checks/outbox-ledger.js';
import type { Session } from '../checks/session.js';
import { Sightings } from '../sightings.js';
import type { Chance } from './chance.js';
import { type Collection, everythingWritten } from './collection.js';
import { Disk } from './disk.js';
import { HostDatabase, hostRowKey } from './host-database.js';
import { Network } from './network.js';
import type { ProcessClock } from './process-clock.js';
import { Scheduler } from './scheduler.js';
import { materialization, VisibleDocuments } from './simulated-endpoint.js';
import { WallClock } from './wall-clock.js';

/** What a world is made with. */
export type WorldPlan = {
  documents: number;
  overMs: number;
  roughness: number;
  /** Whether every receiver is out of order, until the weather clears up. */
  isOutage: boolean;
};

/** Everything outside of the processes, and the books that are kept about it. */
export class World {
  readonly sightings = new Sightings();
  readonly scheduler = new Scheduler();
  readonly wall = new WallClock(this.scheduler);
  readonly endpoint = new MemoryEndpoint();
  readonly hostDatabase = new HostDatabase();
  readonly visible: VisibleDocuments;
  readonly commits: Commits;
  readonly deliveries = new Deliveries();
  readonly holders = new Holders(this.scheduler);
  readonly ledger: OutboxLedger;
  readonly attempts: Attempts;
  readonly disk: Disk;
  readonly network: Network;
  readonly collection: Collection;
  readonly #sessions = new Map<ProcessClock, Session>();
  /** The first thing that happened and must not. Undefined: nothing has. */
  violation: unknown;

  constructor(chance: Chance, plan: WorldPlan) {
    const { scheduler, wall, sightings, deliveries, holders } = this;
    this.collection = everythingWritten(chance.fork('documents'), plan);
    this.visible = new VisibleDocuments(
      this.endpoint,
      (number) => this.hostDatabase.has(number) || this.disk.values(materialization).has(hostRowKey(number)),
    );
    const commits = new Commits(this.collection);
    const ledger = new OutboxLedger({ commits, deliveries, holders, wall, sightings });
    const { visible } = this;
    this.commits = commits;
    this.ledger = ledger;
    this.attempts = new Attempts({ commits, deliveries, holders, ledger, visible, scheduler, wall, sightings });
    this.disk = new Disk(this, chance.fork('disk'), {
      opened: (owner) => this.watch(() => holders.opened(owner)),
      openingLost: (before) => this.watch(() => holders.openingLost(before)),
      written: (write) => this.watch(() => ledger.written(write)),
    });
    const witness = {
      began: (clock: ProcessClock, attempt: Attempt) => this.watch(() => this.#began(clock, attempt)),
      accepted: (attempt: Attempt) => deliveries.noteAccepted(attempt),
      read: (clock: ProcessClock, attempt: Attempt, outcome: AttemptOutcome) => {
        const session = this.#sessions.get(clock);
        if (session !== undefined) deliveries.noteRead(attempt, outcome, session);
      },
      ended: (clock: ProcessClock) => {
        const session = this.#sessions.get(clock);
        if (session !== undefined) session.inFlight -= 1;
      },
    };
    this.network = new Network(this, chance.fork('network'), witness, plan);
  }

  /** @param clock By which its attempts are known. */
  note(session: Session, clock: ProcessClock): void {
    this.#sessions.set(clock, session);
  }

  /** Kept here, because the runtime takes what is thrown at it for one more fault, and goes on. */
  watch(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.violation ??= error;
    }
  }

  #began(clock: ProcessClock, attempt: Attempt): void {
    const session = this.#sessions.get(clock);
    if (session === undefined) return;
    session.inFlight += 1;
    this.attempts.noteBegun(attempt, session);
  }
}
