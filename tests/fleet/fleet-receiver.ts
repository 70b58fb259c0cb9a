import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Random } from '@aftercommit/registry';

/** A delivery that was accepted. */
export type Accepted = { task: string; run: string; key: string; epoch: bigint };

/** Receives what a fleet delivers, and refuses some of it. It lives with the story, which nobody kills. */
export class FleetReceiver {
  readonly accepted: Accepted[] = [];
  refused = 0;
  /** How many of the deliveries are refused, at least 0 and at most 1. */
  refusing = 0;
  readonly #random: Random;
  readonly #server: Server;

  static async start(random: Random): Promise<FleetReceiver> {
    const receiver = new FleetReceiver(random);
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  private constructor(random: Random) {
    this.#random = random;
    this.#server = createServer((request, response) => {
      // A host that is killed in mid-request sent nothing.
      text(request).then(
        (body) => {
          const { 'webhook-id': key = '', 'aftercommit-epoch': epoch = '0' } = request.headers;
          response.writeHead(this.#take(body, String(key), String(epoch))).end();
        },
        () => response.destroy(),
      );
    });
  }

  get url(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('a server without a port');
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #take(body: string, key: string, epoch: string): number {
    if (this.#random.fraction() < this.refusing) {
      this.refused += 1;
      return 503;
    }
    const { task, run }: { task: string; run: string } = JSON.parse(body);
    this.accepted.push({ task, run, key, epoch: BigInt(epoch) });
    return 200;
  }
}
