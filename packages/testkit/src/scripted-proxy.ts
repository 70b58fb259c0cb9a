import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** An HTTP proxy that lets everything pass, and counts what did. */
export class ScriptedProxy {
  passed = 0;
  readonly #server = createServer();
  readonly #sockets = new Set<Duplex>();

  private constructor() {
    this.#server.on('connection', (socket) => this.#keep(socket));
    this.#server.on('connect', (asked, client: Socket) => {
      this.passed += 1;
      const { hostname, port } = new URL(`tunnel://${asked.url}`);
      const target = connect(Number(port), unbracketed(hostname), () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        target.pipe(client).pipe(target);
      });
      this.#keep(target);
      target.on('error', () => client.destroy());
    });
    this.#server.on('request', (asked, answer) => {
      this.passed += 1;
      const { method, headers } = asked;
      const passing = request(asked.url ?? '', { method, headers, agent: false }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
        response.pipe(answer);
      });
      passing.on('error', () => answer.destroy());
      asked.pipe(passing);
    });
  }

  static async start(): Promise<ScriptedProxy> {
    const proxy = new ScriptedProxy();
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    // How an attempt ends is the kind's to tell.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
