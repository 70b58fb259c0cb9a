import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

/** A delivery as it arrived, and what was answered. */
export type Received = { path: string; key: string; epoch: string; body: string; status: number };

/** What a path answers: a status, by what arrived there, and what had arrived before. */
export type Answer = (request: Omit<Received, 'status'>, earlier: readonly Received[]) => number;

/**
 * A receiver that decides by what a delivery is, not by how many came: however often a sender dies, the same delivery is
 * refused. It lives with the tests, which nobody kills.
 */
export class DecidingReceiver {
  readonly #server: Server;
  readonly #received = new Map<string, Received[]>();
  readonly #answers = new Map<string, Answer>();

  static async start(): Promise<DecidingReceiver> {
    const receiver = new DecidingReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      // A sender that is killed in mid-request sent nothing.
      text(request).then(
        (body) => {
          const { 'webhook-id': key = '', 'aftercommit-epoch': epoch = '' } = request.headers;
          response.writeHead(this.#take({ path: request.url ?? '', key: String(key), epoch: String(epoch), body }));
          response.end();
        },
        () => response.destroy(),
      );
    });
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** What a path answers from now on. One without accepts everything. */
  respond(path: string, answer: Answer): void {
    this.#answers.set(path, answer);
  }

  /** What arrived at a path, in order. */
  received(path: string): readonly Received[] {
    return this.#received.get(path) ?? [];
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(request: Omit<Received, 'status'>): number {
    const earlier = this.received(request.path);
    const status = this.#answers.get(request.path)?.(request, earlier) ?? 200;
    this.#received.set(request.path, [...earlier, { ...request, status }]);
    return status;
  }
}
