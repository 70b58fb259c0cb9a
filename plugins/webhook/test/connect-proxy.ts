import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { receiverCertificate } from '../../../tests/servers/certificates.js';
import { listening } from './servers.js';

/** A proxy that connects to any target at 127.0.0.1, and what it was asked. */
export type ConnectProxy = {
  /** Such as `http://user:pass@127.0.0.1:PORT`. */
  url: string;
  /** Its host and port. */
  host: string;
  /** Where it was asked to connect to, and the `proxy-authorization` of each. */
  asked: Array<{ target: string | undefined; authorization: string | undefined }>;
  /** Its connections, the ones of senders. */
  sockets: Socket[];
};

/** How a proxy answers, with the socket of who asks and where they want to go. */
export type ProxyBehaviour = (socket: Socket, request: IncomingMessage) => void;

/** Connects them, to their port on this machine: the name is the proxy's to resolve. */
export const connects: ProxyBehaviour = (socket, request) => {
  const port = Number(/:(\d+)$/.exec(request.url ?? '')?.[1]);
  const target = connect(port, '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n');
    target.pipe(socket).pipe(target);
  });
  target.on('error', () => socket.destroy());
  socket.on('error', () => target.destroy());
};

export async function startProxy(
  behave: ProxyBehaviour,
  { isSecure = false, credentials = '' }: { isSecure?: boolean; credentials?: string } = {},
): Promise<ConnectProxy> {
  const server = isSecure ? createSecureServer(receiverCertificate) : createServer();
  const asked: ConnectProxy['asked'] = [];
  const sockets: Socket[] = [];
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push({ target: request.url, authorization: request.headers['proxy-authorization'] });
    sockets.push(socket);
    behave(socket, request);
  });
  const { host } = new URL(await listening(server));
  return { url: `${isSecure ? 'https' : 'http'}://${credentials}${host}`, host, asked, sockets };
}
