import { EventEmitter, once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { ManualClock } from '@aftercommit/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../../../../tests/servers/self-signed.js';
import { listening } from '../../test/servers.js';
import { type ReceiverConnection, ReceiverConnections } from './receiver-connections.js';

const accepted = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
const refused = 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n';

/** The connections to a server that answers each request with the same bytes, and what the server sees of them. */
async function bench(protocol: string, { answer = accepted, idleMs = 60_000 } = {}) {
  const sockets: Socket[] = [];
  const heads: string[] = [];
  const arrivals = new EventEmitter();
  let answerNow = (socket: Socket): unknown => socket.write(answer);
  const serve = (socket: Socket): void => {
    sockets.push(socket);
    socket
      .on('error', () => undefined)
      .on('data', (head) => {
        heads.push(head.toString());
        answerNow(socket);
        arrivals.emit('request', socket);
      });
  };
  // What the server writes is there at once.
  const noDelay = true;
  const server =
    protocol === 'https:' ? createTlsServer({ ...selfSigned, noDelay }, serve) : createTcpServer({ noDelay }, serve);
  const { port } = new URL(await listening(server));
  const clock = new ManualClock();
  const connections = new ReceiverConnections(protocol, clock, { idleMs });
  onTestFinished(() => connections.close());

  /** Sends a request, and resolves with its status and whether its connection had been used before. */
  const exchange = async () => {
    const connection = await connections.take();
    const response = await send(connection, Number(port));
    response.resume();
    await once(response, 'end');
    // Now the connection is handed back.
    await new Promise((resolve) => setImmediate(resolve));
    return { status: response.statusCode, isReused: connection.isReused };
  };
  return {
    clock,
    connections,
    exchange,
    sockets,
    arrivals,
    port: Number(port),
    /** What each request said of its connection. */
    said: () => heads.map((head) => /^connection: (.*)\r$/im.exec(head)?.[1]),
    answers: (how: typeof answerNow) => (answerNow = how),
    /** Uses one connection twice. */
    exchangeTwice: async () => {
      await exchange();
      await clock.advance(100);
      expect((await exchange()).isReused).toBe(true);
    },
  };
}

async function send({ agent }: ReceiverConnection, port: number): Promise<IncomingMessage> {
  const at = { host: '127.0.0.1', port, agent };
  const request = agent instanceof HttpsAgent ? httpsRequest({ ...at, ca: selfSigned.cert }) : httpRequest(at);
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

describe.each(['http:', 'https:'])('connections over %s', (protocol) => {
  test('are used again when one has been free for 100 ms, the one that was used last', async () => {
    const { clock, exchange, sockets, arrivals } = await bench(protocol);
    const reused: boolean[] = [];
    for (const pauseMs of [0, 99, 1, 99]) {
      await clock.advance(pauseMs);
      reused.push((await exchange()).isReused);
    }
    expect(reused).toEqual([false, false, true, true]);
    await clock.advance(100);
    const arrived = once(arrivals, 'request');
    await exchange();
    expect(await arrived).toEqual([sockets[1]]);
  });

  test('are 64 at most: beyond that the one that has rested longest is used, however short that was', async () => {
    const { exchange, sockets, said } = await bench(protocol);
    const reused: boolean[] = [];
    for (let number = 1; number <= 66; number += 1) reused.push((await exchange()).isReused);
    expect(reused).toEqual([...Array.from({ length: 64 }, () => false), true, true]);
    expect(sockets).toHaveLength(64);
    expect(new Set(said())).toEqual(new Set(['keep-alive']));
  });

  test('end, and none is used again, when an answer too many arrives at a free one', async () => {
    const { clock, exchange, exchangeTwice, sockets, said } = await bench(protocol);
    await exchangeTwice();
    await exchange();
    expect(sockets).toHaveLength(2);
    const ended = Promise.all(sockets.map((socket) => once(socket, 'close')));
    sockets[0]?.write(refused);
    await ended;
    for (let number = 1; number <= 3; number += 1) {
      await clock.advance(100);
      expect(await exchange()).toEqual({ status: 200, isReused: false });
    }
    expect(said().slice(3)).toEqual(['close', 'close', 'close']);
  });

  test('take no unread answer too many for the answer to the next request', async () => {
    const { clock, exchange, exchangeTwice, sockets, said } = await bench(protocol);
    await exchangeTwice();
    await clock.advance(100);
    sockets[0]?.write(refused);
    expect(await exchange()).toEqual({ status: 200, isReused: false });
    expect(said().at(-1)).toBe('close');
  });

  test('are taken at once when all is read that arrived during their rest, and else a moment later', async () => {
    const { clock, connections, exchange, port } = await bench(protocol);
    const take = async () => {
      let isTaken = false;
      const taking = connections.take().finally(() => {
        isTaken = true;
      });
      for (let microtask = 0; microtask < 5; microtask += 1) await Promise.resolve();
      const isAtOnce = isTaken;
      return { connection: await taking, isAtOnce };
    };
    await exchange();
    await exchange();
    await clock.advance(100);
    const first = await take();
    // What becomes free now shows until when everything was read.
    const response = await send(first.connection, port);
    await once(response.resume(), 'end');
    expect([first.isAtOnce, first.connection.isReused]).toEqual([false, true]);
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const second = await take();
    await once((await send(second.connection, port)).resume(), 'end');
    expect([second.isAtOnce, second.connection.isReused]).toEqual([true, true]);
  });

  test('whose end is unread are not used', async () => {
    const { clock, exchange, exchangeTwice, sockets } = await bench(protocol);
    await exchangeTwice();
    await clock.advance(100);
    sockets[0]?.destroy();
    expect(await exchange()).toEqual({ status: 200, isReused: false });
  });

  test('that their server ended when they were free are not used, and others are', async () => {
    const { clock, exchange, exchangeTwice, sockets } = await bench(protocol);
    await exchangeTwice();
    const ended = sockets[0] && once(sockets[0], 'close');
    sockets[0]?.end();
    await ended;
    await clock.advance(100);
    expect((await exchange()).isReused).toBe(false);
    await clock.advance(100);
    expect((await exchange()).isReused).toBe(true);
  });

  test.each(['ECONNRESET', 'EPIPE', 'HPE_INVALID_CONSTANT'])(
    'are not used again once one failed with %s',
    async (code) => {
      const { clock, connections, exchange, exchangeTwice } = await bench(protocol);
      await exchangeTwice();
      await clock.advance(100);
      const reused = await connections.take();
      await send(reused, (await bench(protocol)).port).then((response) => response.resume());
      connections.failed(reused, code);
      await clock.advance(100);
      expect((await exchange()).isReused).toBe(false);
      await clock.advance(100);
      expect((await exchange()).isReused).toBe(false);
    },
  );

  test('are used again after a failure of one that was new, or for another reason', async () => {
    const { clock, connections, exchange, exchangeTwice } = await bench(protocol);
    await exchangeTwice();
    connections.failed(await connections.take(), 'ECONNRESET');
    await clock.advance(100);
    const reused = await connections.take();
    expect(reused.isReused).toBe(true);
    connections.failed(reused, 'ETIMEDOUT');
    await clock.advance(100);
    await exchange();
    await clock.advance(100);
    expect((await exchange()).isReused).toBe(true);
  });

  test('end when they were free for long', async () => {
    const { exchange, sockets } = await bench(protocol, { idleMs: 20 });
    await exchange();
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
    expect(sockets).toHaveLength(1);
  });

  test('end earlier when the server says that it keeps them for a second only', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 0\r\n\r\n';
    const { clock, exchange } = await bench(protocol, { answer });
    await exchange();
    await clock.advance(100);
    expect((await exchange()).isReused).toBe(false);
  });

  test('all end when they are closed, free ones and ones in use', async () => {
    const { connections, exchange, sockets, arrivals, port, answers } = await bench(protocol);
    await exchange();
    answers(() => undefined);
    const arrived = once(arrivals, 'request');
    const waiting = send(await connections.take(), port);
    const failing = expect(waiting).rejects.toMatchObject({ code: 'ECONNRESET' });
    await arrived;
    const ended = Promise.all(sockets.map((socket) => once(socket, 'close')));
    connections.close();
    await Promise.all([ended, failing]);
    expect(sockets).toHaveLength(2);
  });
});

test('none is used again once a free one was reset', async () => {
  const { clock, exchange, exchangeTwice, sockets, said } = await bench('http:');
  await exchangeTwice();
  sockets[0]?.resetAndDestroy();
  await clock.advance(100);
  expect((await exchange()).isReused).toBe(false);
  expect(said().at(-1)).toBe('close');
});
