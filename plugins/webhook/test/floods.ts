import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { finalStatuses, sendAll } from './fault-answers.js';
import type { ReceiverFault } from './faulty-server.js';

const tooLong = 'are too long to be read';

/** 20 MB in 20 kB. */
const bomb = gzipSync(Buffer.alloc(20_000_000));

/** Receivers that send more than anybody wants. */
export const floods: readonly ReceiverFault[] = [
  {
    title: 'says 102 without end',
    outcome: 'retry',
    lastsUntilDeadline: true,
    happen: (socket) => flood(socket, '', 'HTTP/1.1 102 Processing\r\n\r\n'),
  },
  {
    title: 'sends headers without end',
    outcome: 'retry',
    reason: tooLong,
    happen: (socket) => flood(socket, 'HTTP/1.1 200 OK\r\n', 'x: y\r\n'),
  },
  {
    title: 'sends one header of 1 MB',
    outcome: 'retry',
    reason: tooLong,
    happen: (socket) => sendAll(socket, `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`, 'stays'),
  },
  ...finalStatuses.flatMap(([status, outcome]) => {
    const sends = (
      what: string,
      happen: (socket: Socket, statusLine: string) => Promise<void> | void,
    ): ReceiverFault => ({
      title: `sends ${what} (${status.slice(0, 3)})`,
      outcome,
      happen: (socket) => happen(socket, `HTTP/1.1 ${status}\r\n`),
    });
    return [
      sends('10 MB', (socket, line) =>
        sendAll(socket, `${line}content-length: 10000000\r\n\r\n${'a'.repeat(10_000_000)}`, 'stays'),
      ),
      sends('a body without end', (socket, line) => flood(socket, `${line}\r\n`, 'a')),
      sends('chunks without end', (socket, line) => {
        flood(socket, `${line}transfer-encoding: chunked\r\n\r\n`, '1\r\na\r\n');
      }),
      sends('a gzip bomb', (socket, line) => {
        socket.write(`${line}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
        socket.write(bomb);
      }),
      sends('gzip bombs without end', (socket, line) => flood(socket, `${line}content-encoding: gzip\r\n\r\n`, bomb)),
    ];
  }),
];

/** Sends the same again and again, as fast as it is taken, until the connection is gone. */
function flood(socket: Socket, head: string, again: string | Uint8Array): void {
  socket.write(head);
  const chunk = Buffer.concat(Array<Uint8Array>(Math.ceil(65_536 / again.length)).fill(Buffer.from(again)));
  const pump = (): void => {
    while (socket.writable) {
      if (!socket.write(chunk)) return void socket.once('drain', pump);
    }
  };
  pump();
}
