import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A listener of a test's own, with what it heard. */
export type ScriptedServer = {
  readonly url: string;
  /** How many connections were made to it. */
  readonly connections: number;
  /** How many of them are over. */
  readonly ended: number;
  /** Everything that was sent to it. */
  readonly heard: string;
};

const info = (given: object) => `INFO ${JSON.stringify({ headers: true, max_payload: 1048576, ...given })}\r\n`;

/** A server that introduces itself, and answers `PING` as servers do. What else it says is the test's. */
export function scripted(
  given: object,
  answer: (operation: 'PING' | 'HPUB', socket: Socket, inbox: string) => string,
): Promise<ScriptedServer> {
  return listening((socket) => {
    socket.write(info(given));
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      if (text.endsWith('PING\r\n')) socket.write(answer('PING', socket, ''));
      const [, inbox = ''] = /^HPUB \S+ (\S+)/m.exec(text) ?? [];
      if (inbox !== '') socket.write(answer('HPUB', socket, inbox));
    });
  });
}

/** A server that says these bytes to whoever connects, and nothing else. */
export function saying(text: string): Promise<ScriptedServer> {
  return listening((socket) => void socket.write(text));
}

/** Passes everything on to a server until the server says something that is to be lost: the connection ends instead. */
export function relay(port: number, isLost: (said: string) => boolean): Promise<ScriptedServer> {
  return listening((socket) => {
    const onward = connect(port, '127.0.0.1');
    socket.pipe(onward);
    onward.on('data', (chunk: Buffer) => {
      if (isLost(chunk.toString())) socket.destroy();
      else socket.write(chunk);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
}

async function listening(serve: (socket: Socket) => void): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const told = { heard: '', connections: 0, ended: 0 };
  const server = createServer((socket) => {
    sockets.add(socket);
    told.connections += 1;
    socket.on('data', (chunk: Buffer) => {
      told.heard += chunk.toString();
    });
    socket.once('close', () => {
      told.ended += 1;
    });
    // Who connected may leave at any moment.
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(told, { url: `nats://127.0.0.1:${port}` });
}
