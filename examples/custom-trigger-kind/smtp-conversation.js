import { connect, isIP } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { connect as connectWithTls } from 'node:tls';

/**
 * @typedef {{ host: string, port: number, secure: boolean, user?: string, password?: string, from: string, to: string[], subject: string }} MailConfig
 * @typedef {{ id: string, sentAt: number, text: string }} Message `sentAt` in milliseconds since 1970.
 * @typedef {{ code: number, text: string }} Reply
 */

/**
 * Hands one message to the server, over a connection of its own (RFC 5321).
 *
 * @param {Message} message
 * @param {MailConfig} config
 * @param {{ lookup: import('node:net').LookupFunction, signal: AbortSignal }} given
 * @returns {Promise<Reply>} That to the message, or the first one that is a refusal. Throws when the connection breaks.
 */
export async function deliverMail(message, config, { lookup, signal }) {
  signal.throwIfAborted();
  const { host, port, secure } = config;
  const servername = isIP(host) ? '' : host;
  const socket = secure ? connectWithTls({ host, port, lookup, servername }) : connect({ host, port, lookup });
  addAbortSignal(signal, socket);
  // Whoever reads the replies learns of an error; nobody else has to.
  socket.on('error', () => undefined);
  const replies = repliesOf(socket);
  try {
    let reply = await next(replies);
    for (const line of [...greeting(config), 'DATA', contentOf(message, config)]) {
      if (reply.code >= 400) return reply;
      socket.write(`${line}\r\n`);
      reply = await next(replies);
    }
    socket.write('QUIT\r\n');
    return reply;
  } finally {
    socket.destroySoon();
  }
}

/** @param {MailConfig} config */
function greeting({ user, password, from, to }) {
  const login = Buffer.from(`\0${user}\0${password}`).toString('base64');
  return [
    'EHLO [127.0.0.1]',
    ...(user === undefined || password === undefined ? [] : [`AUTH PLAIN ${login}`]),
    `MAIL FROM:<${from}>`,
    ...to.map((receiver) => `RCPT TO:<${receiver}>`),
  ];
}

/**
 * All attempts of a delivery have one Message-ID, by which mail servers and programs know repetitions. Base64 keeps the text as
 * it is, byte for byte, and has no line that is just a dot, which would end the message.
 *
 * @param {Message} message
 * @param {MailConfig} config
 */
function contentOf({ id, sentAt, text }, { from, to, subject }) {
  const lines =
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return [
    `Message-ID: <${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    `Date: ${new Date(sentAt).toUTCString().replace('GMT', '+0000')}`,
    `From: <${from}>`,
    `To: ${to.map((receiver) => `<${receiver}>`).join(',\r\n ')}`,
    `Subject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...lines,
    '.',
  ].join('\r\n');
}

/**
 * The replies of a server, each of one line or several: `250-…`, and last `250 …`.
 *
 * @param {import('node:net').Socket} socket
 * @returns {AsyncGenerator<Reply, void>}
 */
async function* repliesOf(socket) {
  let unread = '';
  for await (const chunk of socket.setEncoding('utf8')) {
    unread += chunk;
    for (let end = endOfReply(unread); end > 0; end = endOfReply(unread)) {
      const lines = unread.slice(0, end).trimEnd().split('\r\n');
      unread = unread.slice(end);
      yield { code: Number(lines[0]?.slice(0, 3)), text: lines.map((line) => line.slice(4)).join(' ') };
    }
  }
}

/** @param {string} text */
function endOfReply(text) {
  return /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(text)?.[0].length ?? 0;
}

/** @param {AsyncGenerator<Reply, void>} replies */
async function next(replies) {
  const { value } = await replies.next();
  if (value === undefined) throw new Error('the server closed the connection');
  return value;
}
