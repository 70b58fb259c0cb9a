import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from '../usage-error.js';
import { hostAndPort, type MetricsAddress } from './metrics-address.js';

/** Serves one page, `/metrics`, to whoever collects it. */
export class MetricsServer {
  readonly url: string;
  readonly #server: Server;

  /**
   * @param page Answers requests of the page.
   * @throws UsageError when nothing can be served there.
   */
  static async listen(address: MetricsAddress, page: RequestListener): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      const [path] = (request.url ?? '').split('?');
      if (path !== '/metrics') response.writeHead(404).end('Metrics are at /metrics.\n');
      else if (request.method !== 'GET') response.writeHead(405, { allow: 'GET' }).end();
      else page(request, response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(cannotServe(address, error)));
      server.listen(address, () => resolve());
    });
    return new MetricsServer(server, address.host);
  }

  private constructor(server: Server, host: string) {
    const { port } = server.address() as AddressInfo;
    this.url = `http://${hostAndPort({ host, port })}/metrics`;
    this.#server = server;
  }

  /** Waits for nobody: who is just collecting is cut off. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

function cannotServe(address: MetricsAddress, error: NodeJS.ErrnoException): UsageError {
  const why = error.code === 'EADDRINUSE' ? 'something else listens there' : error.message;
  const advice = 'Give --metrics another host or port.';
  return new UsageError(`Metrics cannot be served at ${hostAndPort(address)}: ${why}. ${advice}`, { cause: error });
}
