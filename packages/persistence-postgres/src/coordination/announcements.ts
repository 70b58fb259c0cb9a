import { addTasks } from './claim-rows.js';
import type { TaskOffers } from './task-offers.js';
import type { WorkerConnection } from './worker-connection.js';
import { announceLeaving, offerTasks } from './worker-rows.js';

/** What the others know of this process: each thing is said once to those among whom it is. */
export class Announcements {
  /** The worker whose offers are known, and their digest. */
  #published = '';
  /** The worker that is known to be leaving. */
  #leaving: number | undefined;

  /** That it could run these tasks. */
  async offers(connection: WorkerConnection, worker: number, { digest, tasks }: TaskOffers['own']): Promise<void> {
    const published = `${worker} ${digest}`;
    if (published === this.#published) return;
    await addTasks(connection, tasks);
    await offerTasks(connection, worker, { digest, offers: tasks });
    this.#published = published;
  }

  /** That it ends. */
  async leaving(connection: WorkerConnection, worker: number): Promise<void> {
    if (this.#leaving === worker) return;
    await announceLeaving(connection, worker);
    this.#leaving = worker;
  }
}
