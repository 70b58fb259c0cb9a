import { answers, drip } from './fault-answers.js';
import type { ReceiverFault } from './faulty-server.js';

const gone = 'before it answered';
const notHttp = 'is not HTTP';

/** Receivers of whom no complete head of an answer is ever read: each is tried again. */
export const faultsBeforeStatus: readonly ReceiverFault[] = [
  {
    title: 'resets the connection at once',
    at: 'connection',
    happen: (socket) => void socket.resetAndDestroy(),
    ...retry(gone),
  },
  { title: 'ends the connection at once', at: 'connection', happen: (socket) => void socket.end(), ...retry(gone) },
  { title: 'takes the request and resets', happen: (socket) => void socket.resetAndDestroy(), ...retry(gone) },
  { title: 'takes the request and ends its side', happen: (socket) => void socket.end(), ...retry(gone) },
  {
    title: 'resets in the middle of a long request',
    at: 'first-bytes',
    payloadBytes: 5_000_000,
    happen: (socket) => void socket.resetAndDestroy(),
    ...retry(gone),
  },
  { title: 'takes the request and hangs', happen: () => undefined, lastsUntilDeadline: true, ...retry() },
  answers('sends half a status line', 'retry', 'HTTP/1.1 2', { lastsUntilDeadline: true }),
  answers('sends a status line and no headers', 'retry', 'HTTP/1.1 200 OK\r\n', { lastsUntilDeadline: true }),
  answers('sends half of its headers', 'retry', 'HTTP/1.1 200 OK\r\ncontent-le', { lastsUntilDeadline: true }),
  answers('sends half of its headers and ends', 'retry', 'HTTP/1.1 200 OK\r\ncontent-le', { afterwards: 'FIN' }),
  answers('sends half of its headers and resets', 'retry', 'HTTP/1.1 200 OK\r\ncontent-le', { afterwards: 'RST' }),
  answers('says 100 and nothing else', 'retry', 'HTTP/1.1 100 Continue\r\n\r\n', { lastsUntilDeadline: true }),
  answers('says 103 and ends', 'retry', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', { afterwards: 'FIN' }),
  {
    title: 'drips headers that it never ends',
    lastsUntilDeadline: true,
    happen: (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx: y\r\n'),
    ...retry(),
  },
  answers('speaks HTTP/0.9', 'retry', '<html>fine</html>\n', { reason: notHttp, afterwards: 'FIN' }),
  answers('speaks HTTP/2', 'retry', Buffer.from('00000604000000000000', 'hex'), { reason: notHttp }),
  answers('speaks SSH', 'retry', 'SSH-2.0-OpenSSH_9.6\r\n', { reason: notHttp }),
  answers('speaks TLS', 'retry', Buffer.from('15030300020246', 'hex'), { reason: notHttp, afterwards: 'FIN' }),
  answers('sends zeros', 'retry', Buffer.alloc(1000), { reason: notHttp }),
  answers('sends an empty line and ends', 'retry', '\r\n', { afterwards: 'FIN' }),
  answers('sends a status that is no number', 'retry', 'HTTP/1.1 OK\r\n\r\n', { reason: notHttp }),
  answers('sends a status of two digits', 'retry', 'HTTP/1.1 20 OK\r\n\r\n', { reason: notHttp }),
  answers('sends a status of four digits', 'retry', 'HTTP/1.1 2000 OK\r\n\r\n', { reason: notHttp }),
  answers('sends a zero byte in a header', 'retry', 'HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n', { reason: notHttp }),
  answers('sends a header without a name', 'retry', 'HTTP/1.1 200 OK\r\n: y\r\n\r\n', { reason: notHttp }),
  answers('folds a header over two lines', 'retry', 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\n\r\n', { reason: notHttp }),
  answers('sends a header without a colon', 'retry', 'HTTP/1.1 200 OK\r\nx\r\n\r\n', { reason: notHttp }),
  answers('sends a space in a header name', 'retry', 'HTTP/1.1 200 OK\r\na b: y\r\n\r\n', { reason: notHttp }),
  answers(
    'contradicts its own length',
    'retry',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
    {
      reason: notHttp,
    },
  ),
  answers('sends a length that is no number', 'retry', 'HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n', {
    reason: notHttp,
  }),
];

function retry(reason?: string): Pick<ReceiverFault, 'outcome' | 'reason'> {
  return { outcome: 'retry', ...(reason !== undefined && { reason }) };
}
