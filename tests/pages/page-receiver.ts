import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

/** Where pages say that a receiver is. */
export const receiverOnPages = 'localhost:8080';

/** A receiver that accepts everything. */
export type PageReceiver = {
  /** Where it really is, as `host:port`: as long as what pages say, so that what is aligned on a page stays aligned. */
  readonly host: string;
  stop(): Promise<void>;
};

/** Starts one, on a port of four digits that nobody has. */
export async function startPageReceiver(): Promise<PageReceiver> {
  for (let port = 9999; ; port -= 1) {
    const server = createServer((request, response) => request.resume().once('end', () => response.end()));
    if (!(await listens(server, port))) continue;
    return {
      host: `localhost:${port}`,
      async stop() {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      },
    };
  }
}

/** Whether it does: the port may be somebody else's. */
async function listens(server: Server, port: number): Promise<boolean> {
  try {
    server.listen(port, 'localhost');
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && port > 1024) return false;
    throw error;
  }
}
