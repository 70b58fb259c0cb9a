import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { AttemptOutcome } from '@aftercommit/registry';

/** One way in which a receiver can go wrong, and what the outcome table says of it. */
export type ReceiverFault = {
  title: string;
  outcome: AttemptOutcome['outcome'];
  /** What a failed attempt says of it, in part. */
  reason?: string;
  /** When it happens. Undefined: once the whole request was read. */
  at?: 'connection' | 'first-bytes';
  /** What happens on the connection then. Ends when everything was sent that will ever come by itself. */
  happen(socket: Socket): Promise<void> | void;
  /** Nothing decides before the deadline. */
  lastsUntilDeadline?: true;
  /** Undefined: a small one. */
  payloadBytes?: number;
};

/** A server on a bare socket that goes wrong once, and from then on answers every request with 204. */
export type FaultyServer = {
  /** Such as `http://127.0.0.1:PORT`. */
  url: string;
  /** Requests whose last byte arrived, by their `webhook-id`. */
  requests: string[];
  /** What it sent, in bytes, over connections that are closed by now. */
  sentBytes(): number;
  /** Resolves when everything of the fault was sent that will ever come by itself. */
  faultSent: Promise<void>;
  /** Resolves when no connection is open any more. A fault may have stopped to read: what was sent to it is read then. */
  abandoned(): Promise<void>;
  stop(): Promise<void>;
};

export async function startFaultyServer(fault: ReceiverFault): Promise<FaultyServer> {
  const connections = new Set<Socket>();
  const requests: string[] = [];
  let sentBytes = 0;
  let isFaultDue = true;
  let tellSent = (): void => undefined;
  const faultSent = new Promise<void>((resolve) => (tellSent = resolve));
  const goWrong = async (socket: Socket): Promise<void> => {
    isFaultDue = false;
    await fault.happen(socket);
    tellSent();
  };
  // Half-open: a receiver that has ended its side can still be sent to.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    connections.add(socket);
    // How the other side goes away is not what is tested here.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      connections.delete(socket);
      sentBytes += socket.bytesWritten;
    });
    socket.once('end', () => socket.end());
    if (isFaultDue && fault.at === 'connection') void goWrong(socket);
    else if (isFaultDue && fault.at === 'first-bytes') socket.once('data', () => void goWrong(socket.pause()));
    else {
      onEachRequest(socket, (key) => {
        requests.push(key);
        if (isFaultDue) void goWrong(socket);
        else if (socket.writable) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    for (const socket of connections) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  const abandoned = async (): Promise<void> => {
    const closing = [...connections].map(
      (socket) => new Promise<unknown>((resolve) => socket.resume().once('close', resolve)),
    );
    await Promise.all(closing);
  };
  return { url: `http://127.0.0.1:${port}`, requests, sentBytes: () => sentBytes, faultSent, abandoned, stop };
}

/** Calls back with the `webhook-id` of each request, once its last byte is there. */
function onEachRequest(socket: Socket, callback: (key: string) => void): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const headBytes = received.indexOf('\r\n\r\n') + 4;
      if (headBytes < 4) return;
      const head = received.subarray(0, headBytes).toString();
      const bodyBytes = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
      if (received.length < headBytes + bodyBytes) return;
      received = received.subarray(headBytes + bodyBytes);
      callback(/^webhook-id: (.+)\r$/im.exec(head)?.[1] ?? '');
    }
  });
}
