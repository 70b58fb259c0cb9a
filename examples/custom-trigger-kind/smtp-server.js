import { once } from 'node:events';
import { createServer } from 'node:net';

/** A mail server that keeps what it is sent. `node smtp-server.js 2525` listens on that port, and prints every mail. */
export class SmtpServer {
  /** @type {Array<{ id: string, subject: string, text: string }>} In order of arrival, whatever was answered. */
  mails = [];
  /** @type {string | undefined} What it says to a message. Undefined: nothing. */
  answer = '250 OK';
  /** @type {(mail: { subject: string, text: string }) => void} */
  onMail = () => undefined;
  #server = createServer((socket) => {
    this.#converse(socket).catch(() => socket.destroy());
  });
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();

  /** @param {number} [port] Default: any that is free. */
  async listen(port = 0) {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** @param {import('node:net').Socket} socket */
  async #converse(socket) {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.write('220 ready\r\n');
    let unread = '';
    let isContent = false;
    for await (const chunk of socket.setEncoding('utf8')) {
      unread += chunk;
      for (;;) {
        const mark = isContent ? '\r\n.\r\n' : '\r\n';
        const end = unread.indexOf(mark);
        if (end < 0) break;
        const read = unread.slice(0, end);
        unread = unread.slice(end + mark.length);
        if (isContent) {
          const mail = readMail(read);
          this.mails.push(mail);
          this.onMail(mail);
          if (this.answer !== undefined) socket.write(`${this.answer}\r\n`);
        } else {
          socket.write(`${replyTo(read)}\r\n`);
        }
        isContent = !isContent && read === 'DATA';
      }
    }
  }
}

/** @param {string} command */
function replyTo(command) {
  if (command.startsWith('EHLO')) return '250-here\r\n250 AUTH PLAIN';
  if (command.startsWith('AUTH')) return '235 welcome';
  if (command === 'DATA') return '354 go on';
  return command === 'QUIT' ? '221 bye' : '250 OK';
}

/** @param {string} content */
function readMail(content) {
  const [head = '', ...body] = content.split('\r\n\r\n');
  const field = (/** @type {RegExp} */ pattern) => pattern.exec(head)?.[1] ?? '';
  const decoded = (/** @type {string} */ text) => Buffer.from(text, 'base64').toString();
  return {
    id: field(/^Message-ID: <(.*)@/m),
    subject: decoded(field(/^Subject: =\?utf-8\?B\?(.*)\?=/m)),
    text: decoded(body.join('')),
  };
}

if (import.meta.filename === process.argv[1]) {
  const server = new SmtpServer();
  server.onMail = ({ subject, text }) => console.log(`${subject}: ${text}`);
  console.log(`Takes mails on port ${await server.listen(Number(process.argv[2]))} of 127.0.0.1.`);
}
