import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { StoreFault } from '@aftercommit/testkit';

/** A network between a store and its server that can be told to fail. */
export type DroppingProxy = {
  readonly port: number;
  /** How often a client sent something. */
  readonly requests: number;
  /**
   * Of the next request: `lost-request` closes the connection instead of passing it on; `lost-reply` passes it on, waits until the
   * server has answered, and closes the connection instead of passing that on.
   */
  loseNext(fault: StoreFault): void;
  /** Passes on nothing any more, in neither direction, and closes nothing: as when a cable is pulled. */
  part(): void;
  /** New connections are passed on again. Those of before stay dead. */
  heal(): void;
  close(): Promise<void>;
};

export async function startDroppingProxy(serverPort: number): Promise<DroppingProxy> {
  const sockets = new Set<Socket>();
  let fault: StoreFault | undefined;
  let isParted = false;
  let requests = 0;
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    const isDead = isParted;
    let isCut = false;
    let losesReply = false;
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        if (!isCut) cut();
      });
    }
    client.on('data', (data) => {
      isCut ||= isParted || isDead;
      if (isCut) return;
      requests += 1;
      const met = fault;
      fault = undefined;
      if (met === 'lost-request') {
        cut();
        return;
      }
      losesReply = met === 'lost-reply';
      server.write(data);
    });
    server.on('data', (data) => {
      isCut ||= isParted || isDead;
      if (isCut) return;
      if (losesReply) cut();
      else client.write(data);
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (typeof address !== 'object' || address === null) throw new Error('a proxy without a port');
  return {
    port: address.port,
    get requests() {
      return requests;
    },
    loseNext(next) {
      fault = next;
    },
    part() {
      isParted = true;
    },
    heal() {
      isParted = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
