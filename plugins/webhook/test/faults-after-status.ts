import { gzipSync } from 'node:zlib';
import { answers, drip, finalStatuses, sendAll } from './fault-answers.js';
import type { ReceiverFault } from './faulty-server.js';

const gzipped = gzipSync('x'.repeat(999));

/** Receivers that say their status and then go wrong: the status decides, each time with three of them. */
export const faultsAfterStatus: readonly ReceiverFault[] = finalStatuses.flatMap(([status, outcome]) => {
  const about = (title: string): string => `${title} (${status.slice(0, 3)})`;
  const says = (title: string, rest: string | Uint8Array, more: Parameters<typeof answers>[3] = {}): ReceiverFault =>
    answers(about(title), outcome, Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n`), Buffer.from(rest)]), more);
  const happens = (title: string, happen: ReceiverFault['happen']): ReceiverFault => ({
    title: about(title),
    outcome,
    happen,
  });
  return [
    says('ends in mid-body', 'content-length: 10\r\n\r\nhalf', { afterwards: 'FIN' }),
    says('resets in mid-body', 'content-length: 10\r\n\r\nhalf', { afterwards: 'RST' }),
    says('sends no body and hangs', 'content-length: 10\r\n\r\n'),
    says('sends half a body and hangs', 'content-length: 10\r\n\r\nhalf'),
    says('sends more than its length', 'content-length: 2\r\n\r\nfine'),
    says('sends a body without a length and hangs', '\r\nfine'),
    says('sends a body without a length and ends', '\r\nfine', { afterwards: 'FIN' }),
    says('breaks its chunks', 'transfer-encoding: chunked\r\n\r\n4\r\nfine\r\nzz\r\n'),
    says('ends between its chunks', 'transfer-encoding: chunked\r\n\r\n4\r\nfine\r\n', { afterwards: 'FIN' }),
    says('hangs between its chunks', 'transfer-encoding: chunked\r\n\r\n4\r\nfine\r\n'),
    says('announces a chunk beyond all measure', 'transfer-encoding: chunked\r\n\r\nffffffffff\r\nfine'),
    says('calls gzip what is none', 'content-encoding: gzip\r\ncontent-length: 4\r\n\r\nfine'),
    says(
      'breaks off its gzip',
      Buffer.concat([Buffer.from('content-encoding: gzip\r\ncontent-length: 12\r\n\r\n'), gzipped.subarray(0, 12)]),
    ),
    says('calls its encoding what nobody knows', 'content-encoding: zork, gzip\r\ncontent-length: 4\r\n\r\nfine'),
    says('sends a header whose value is empty', 'x:\r\ncontent-length: 0\r\n\r\n'),
    says('sends Latin-1 in its headers', Buffer.from('x: \xe9\xff\r\ncontent-length: 0\r\n\r\n', 'latin1')),
    says('says it closes, and does not', 'connection: close\r\ncontent-length: 0\r\n\r\n'),
    says('says it keeps the connection, and closes it', 'connection: keep-alive\r\ncontent-length: 0\r\n\r\n', {
      afterwards: 'FIN',
    }),
    says('says it keeps the connection, and resets it', 'connection: keep-alive\r\ncontent-length: 0\r\n\r\n', {
      afterwards: 'RST',
    }),
    happens('drips its headers', (socket) => drip(socket, `HTTP/1.1 ${status}\r\nx: y\r\ncontent-length: 0\r\n\r\n`)),
    happens('drips its body', (socket) =>
      drip(socket, `HTTP/1.1 ${status}\r\ncontent-length: 1000\r\n\r\n${'a'.repeat(100)}`),
    ),
    happens('says 100, 102 and 103 first', (socket) => {
      const first =
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
      return sendAll(socket, `${first}HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`, 'stays');
    }),
    happens('answers twice', (socket) => {
      const second = status.startsWith('200') ? '503 Busy' : '200 OK';
      const answer = (line: string): string => `HTTP/1.1 ${line}\r\ncontent-length: 0\r\n\r\n`;
      return sendAll(socket, answer(status) + answer(second), 'stays');
    }),
    ...(['FIN', 'RST'] as const).map((afterwards) =>
      says(`answers before it took a long request, then ${afterwards}`, 'content-length: 4\r\n\r\nfine', {
        at: 'first-bytes',
        payloadBytes: 5_000_000,
        afterwards,
      }),
    ),
    answers(about('speaks HTTP/1.0'), outcome, `HTTP/1.0 ${status}\r\n\r\nfine`, { afterwards: 'FIN' }),
    answers(about('sends no reason phrase'), outcome, `HTTP/1.1 ${status.slice(0, 3)}\r\ncontent-length: 0\r\n\r\n`),
  ];
});

/** Receivers whose answer means something by itself. */
export const oddStatuses: readonly ReceiverFault[] = [
  answers('says 204 and sends a body', 'delivered', 'HTTP/1.1 204 No Content\r\n\r\nfine'),
  answers('says 204 with a length', 'delivered', 'HTTP/1.1 204 No Content\r\ncontent-length: 4\r\n\r\nfine'),
  answers('says 205', 'delivered', 'HTTP/1.1 205 Reset Content\r\n\r\n'),
  answers(
    'switches protocols',
    'rejected',
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    {
      reason: 'HTTP 101',
    },
  ),
  answers('says 304', 'rejected', 'HTTP/1.1 304 Not Modified\r\n\r\n'),
  answers('redirects to nowhere', 'rejected', 'HTTP/1.1 302 Found\r\nlocation: http://[\r\ncontent-length: 0\r\n\r\n'),
  answers('says 000', 'rejected', 'HTTP/1.1 000 Nothing\r\ncontent-length: 0\r\n\r\n'),
];
