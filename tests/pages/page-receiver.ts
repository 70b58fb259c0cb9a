import { once } from 'node:events';
import { createServer } from 'node:http';
import { listensOnFreePort } from './four-digit-port.js';

/** A receiver that accepts everything. */
export type PageReceiver = {
  /** Where it is, as `host:port`. */
  readonly host: string;
  stop(): Promise<void>;
};

/** Starts one. */
export async function startPageReceiver(): Promise<PageReceiver> {
  const server = createServer((request, response) => request.resume().once('end', () => response.end()));
  const port = await listensOnFreePort(server);
  return {
    host: `localhost:${port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
