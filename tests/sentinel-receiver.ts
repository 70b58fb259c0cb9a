import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { selfSigned } from './servers/self-signed.js';

/** What a request says of itself: its first line, its headers, its payload. */
type Echo = { line: string; headers: Record<string, string>; body: string };

type Answer = (response: ServerResponse, echo: Echo) => void;

/** A receiver that tells back whatever it is told, in as many ways as there are. By the first part of the path. */
const answers: Record<string, Answer> = {
  plain: (response, echo) => refuse(response, textOf(echo)),
  lines: (response, echo) => refuse(response, textOf(echo).replaceAll(': ', ':\n')),
  json: (response, echo) => refuse(response, JSON.stringify(echo)),
  'json-in-json': (response, echo) => refuse(response, JSON.stringify({ log: JSON.stringify({ echo }) })),
  'json-escaped': (response, echo) =>
    refuse(
      response,
      escaped(JSON.stringify(echo.headers), (hex) => `\\u00${hex}`),
    ),
  html: (response, echo) =>
    refuse(
      response,
      escaped(textOf(echo), (hex) => `&#x${hex};`),
    ),
  url: (response, echo) => refuse(response, encodeURIComponent(textOf(echo))),
  'url-escaped': (response, echo) =>
    refuse(
      response,
      escaped(textOf(echo).slice(0, 900), (hex) => `%${hex}`),
    ),
  form: (response, echo) => refuse(response, new URLSearchParams(echo.headers).toString()),
  base64: (response, echo) => refuse(response, base64(textOf(echo))),
  'base64-one-on': (response, echo) => refuse(response, base64(`x${textOf(echo)}`)),
  'base64-two-on': (response, echo) => refuse(response, base64(`xy${textOf(echo)}`)),
  'base64-lines': (response, echo) => refuse(response, base64(textOf(echo)).replaceAll(/(.{76})/g, '$1\r\n')),
  'base64-in-json': (response, echo) =>
    refuse(response, JSON.stringify({ dump: base64(JSON.stringify(echo)).replaceAll(/(.{64})/g, '$1\n') })),
  base64url: (response, echo) => refuse(response, Buffer.from(textOf(echo)).toString('base64url')),
  'base64-each': (response, echo) => refuse(response, Object.values(echo.headers).map(base64).join(', ')),
  'basic-decoded': (response, { headers }) =>
    refuse(response, `no ${Buffer.from(headers['x-basic']?.slice(6) ?? '', 'base64').toString()}`),
  hex: (response, echo) => refuse(response, Buffer.from(textOf(echo)).toString('hex')),
  small: (response, echo) => refuse(response, textOf(echo).toLowerCase()),
  gzip: (response, echo) => refuse(response, gzipSync(textOf(echo)), { 'content-encoding': 'gzip' }),
  brotli: (response, echo) => refuse(response, brotliCompressSync(textOf(echo)), { 'content-encoding': 'br' }),
  cut: (response, { headers }) => refuse(response, `${'.'.repeat(4_076)} ${headers['authorization']}`),
  'base64-cut': (response, { headers }) => refuse(response, base64(`${'.'.repeat(3_046)}${headers['authorization']}`)),
  broken: (response, echo) => {
    response.writeHead(400, { 'content-length': 100_000 });
    response.write(textOf(echo).slice(0, -9), () => response.destroy());
  },
  headers: (response, echo) => refuse(response, '', { ...echoed(echo), 'retry-after': echoed(echo)['x-echo'] ?? '' }),
  'retry-after': (response, echo) => {
    response.writeHead(503, { ...echoed(echo), 'retry-after': echoed(echo)['x-echo'] }).end(textOf(echo));
  },
  redirect: (response, { headers, line }) => {
    const host = (headers['x-api-key'] ?? '').replaceAll(/[^\w-]/g, '');
    response.writeHead(302, { location: `https://${host}.example/${encodeURIComponent(line)}` }).end();
  },
  reset: (response) => void response.destroy(),
  hang: () => undefined,
};

/** The ways in which a receiver answers. */
export const waysToAnswer = Object.keys(answers);

/** Servers that tell back what they are told, and what was told to them. */
export class SentinelReceivers {
  readonly #servers: Server[] = [];
  /** What arrived of every request, as text. */
  readonly received: string[] = [];
  /** Where each way of going wrong is met, without a slash at the end. */
  readonly urls: Record<string, string> = {};

  static async start(): Promise<SentinelReceivers> {
    const receivers = new SentinelReceivers();
    await receivers.#start();
    return receivers;
  }

  async #start(): Promise<void> {
    const http = await this.#listen(createServer(this.#answer));
    for (const way of waysToAnswer) this.urls[way] = `http://127.0.0.1:${http}/${way}`;
    this.urls['plain-where-tls-is-wanted'] = `https://127.0.0.1:${http}/tls`;
    this.urls['self-signed'] =
      `https://127.0.0.1:${await this.#listen(createHttpsServer(selfSigned, this.#answer))}/tls`;
    this.urls['no-http'] = `http://127.0.0.1:${await this.#listen(this.#speaking((request) => request))}/tcp`;
    const status = await this.#listen(
      this.#speaking((request) => {
        const secret = /^authorization: (.*)$/im.exec(request)?.[1] ?? '';
        return `HTTP/1.1 400 ${secret}\r\nretry-after: ${secret}\r\ncontent-length: 2\r\n\r\nno`;
      }),
    );
    this.urls['status-text'] = `http://127.0.0.1:${status}/tcp`;
    this.urls['refused'] = `http://127.0.0.1:${await this.#closedPort()}/gone`;
    this.urls['no-host'] = 'http://receiver.invalid/gone';
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      if ('closeAllConnections' in server) (server.closeAllConnections as () => void)();
      server.close();
    }
  }

  readonly #answer: RequestListener = (request, response) => {
    void echoOf(request).then((echo) => {
      this.received.push(textOf(echo));
      answers[request.url?.split('/')[1] ?? '']?.(response, echo);
    });
  };

  /** Answers the bytes of a request with others. */
  #speaking(answer: (request: string) => string): Server {
    return createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => {
        this.received.push(bytes.toString('latin1'));
        socket.end(Buffer.from(answer(bytes.toString('latin1')), 'latin1'));
      });
    });
  }

  async #listen(server: Server): Promise<number> {
    this.#servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async #closedPort(): Promise<number> {
    const port = await this.#listen(createTcpServer());
    const server = this.#servers.pop();
    server?.close();
    if (server !== undefined) await once(server, 'close');
    return port;
  }
}

async function echoOf(request: IncomingMessage): Promise<Echo> {
  const chunks: Uint8Array[] = await request.toArray();
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    line: `${request.method} ${request.url}`,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString(),
  };
}

function textOf({ line, headers, body }: Echo): string {
  return [line, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), body].join('\r\n');
}

/** Without the characters that no header may have. */
function echoed({ headers }: Echo): Record<string, string> {
  return { 'x-echo': headers['x-api-key'] ?? '', 'x-basic-echo': headers['x-basic'] ?? '' };
}

function refuse(response: ServerResponse, body: string | Uint8Array, headers: Record<string, string> = {}): void {
  response.writeHead(400, headers).end(body);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function escaped(text: string, spell: (hex: string) => string): string {
  return text.replaceAll(/[^\s{},:]/g, (character) => spell(character.charCodeAt(0).toString(16).padStart(2, '0')));
}
