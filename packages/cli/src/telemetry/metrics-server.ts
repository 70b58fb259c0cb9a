import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from '../errors/usage-error.js';
import { hostAndPort, type MetricsAddress } from './metrics-address.js';

/** What is served. */
type MetricsPage = { readonly contentType: string; page(): Promise<string> };

/** Serves one page, `/metrics`, to whoever collects it. */
export class MetricsServer {
  readonly url: string;
  readonly #server: Server;

  /** @throws UsageError when nothing can be served there. */
  static async listen(address: MetricsAddress, metrics: MetricsPage): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      const [path] = (request.url ?? '').split('?');
      if (path !== '/metrics') response.writeHead(404).end('Metrics are at /metrics.\n');
      else if (request.method !== 'GET') response.writeHead(405, { allow: 'GET' }).end();
      else void answer(response, metrics);
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

async function answer(response: ServerResponse, metrics: MetricsPage): Promise<void> {
  try {
    const page = await metrics.page();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(page);
  } catch (error) {
    // A bug of ours, which must not end a run: who collects is told.
    response.writeHead(500).end(`${String(error)}\n`);
  }
}

function cannotServe(address: MetricsAddress, error: NodeJS.ErrnoException): UsageError {
  const why = error.code === 'EADDRINUSE' ? 'something else listens there' : error.message;
  const advice = 'Give --metrics another host or port.';
  return new UsageError(`Metrics cannot be served at ${hostAndPort(address)}: ${why}. ${advice}`, { cause: error });
}
