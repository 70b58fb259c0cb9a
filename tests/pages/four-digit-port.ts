import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** The next one to be tried. None is tried twice: who was given one may not listen on it yet. */
let next = 9999;

/**
 * Lets a server listen on a port of localhost that nobody has. It has four digits, as those on pages have: what is aligned on a page
 * is aligned when its port is another one.
 */
export async function listensOnFreePort(server: Server): Promise<number> {
  for (;;) {
    const port = next;
    next -= 1;
    try {
      server.listen(port, 'localhost');
      await once(server, 'listening');
      return port;
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken || next < 1024) throw error;
    }
  }
}

/** A port that nobody has, for a server that a page starts by itself. */
export async function portForPage(): Promise<number> {
  const server = createServer();
  const port = await listensOnFreePort(server);
  server.close();
  await once(server, 'close');
  return port;
}
