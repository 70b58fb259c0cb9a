import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Attempt, AttemptOutcome, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import { ManualClock, type Receiver, sampleAttempt, sampleEnvironment, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { WebhookConfig } from './webhook-config.js';
import { webhook } from './webhook-kind.js';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(() => receiver.clear());

async function open(config: WebhookConfig, given: Partial<TriggerEnvironment> = {}): Promise<Trigger> {
  const trigger = await webhook.open(config, sampleEnvironment(given));
  onTestFinished(() => trigger.close?.());
  return trigger;
}

async function attemptAt(url: string, given: Partial<Attempt> = {}): Promise<AttemptOutcome> {
  return (await open({ url })).attempt(sampleAttempt(given));
}

/** Starts a server of the test's own on the host, and gives its URL. */
async function listening(server: Server | ReturnType<typeof createTcpServer>, host = '127.0.0.1'): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const serving = (handler: RequestListener, host?: string) => listening(createServer(handler), host);

/** A server that answers every request with these bytes, whatever they are. */
const speaking = (answer: string) => {
  return listening(createTcpServer((socket) => socket.once('data', () => socket.write(answer))));
};

describe('the request', () => {
  test('has exactly the payload as its body, in UTF-8, with its length', async () => {
    const payload = `{"name":"Zoë 🐙","rows":"${'é'.repeat(200_000)}"}`;
    await attemptAt(receiver.url, { payload });
    const [request] = await receiver.requests();
    expect(Buffer.from(payload).equals(request?.rawBody ?? new Uint8Array())).toBe(true);
    expect(request?.headers['content-length']).toBe(String(Buffer.byteLength(payload)));
    expect(request?.headers['transfer-encoding']).toBeUndefined();
  });

  test('names the delivery, the moment of the attempt and the epoch', async () => {
    const trigger = await open({ url: receiver.url }, { clock: new ManualClock(1_700_000_000_999) });
    await trigger.attempt(sampleAttempt({ idempotencyKey: 'msg_abc', epoch: 1_700_000_000_000_001n }));
    const [request] = await receiver.requests();
    expect(request?.headers).toMatchObject({
      'webhook-id': 'msg_abc',
      'webhook-timestamp': '1700000000',
      'aftercommit-epoch': '1700000000000001',
    });
  });

  test('is a POST of JSON by default, without what a client would add by itself', async () => {
    await attemptAt(`${receiver.url}/a/b?c=d`);
    const [request] = await receiver.requests();
    expect(request).toMatchObject({ method: 'POST', path: '/a/b?c=d' });
    expect(Object.keys(request?.headers ?? {}).sort()).toEqual([
      'aftercommit-epoch',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'webhook-id',
      'webhook-timestamp',
    ]);
    expect(request?.headers['content-type']).toBe('application/json');
    expect(request?.headers['user-agent']).toMatch(/^aftercommit\/\d+\.\d+\.\d+$/);
  });

  test.each(['PUT', 'PATCH'] as const)('is a %s when configured', async (method) => {
    const trigger = await open({ url: receiver.url, method });
    await trigger.attempt(sampleAttempt());
    expect((await receiver.requests())[0]?.method).toBe(method);
  });

  test('has the configured headers, in any letter case, instead of the defaults', async () => {
    const headers = { 'Content-TYPE': 'text/plain', 'User-Agent': 'mine', Authorization: 'Bearer s3cret' };
    const trigger = await open({ url: receiver.url, headers });
    await trigger.attempt(sampleAttempt());
    expect((await receiver.requests())[0]?.headers).toMatchObject({
      'content-type': 'text/plain',
      'user-agent': 'mine',
      authorization: 'Bearer s3cret',
    });
  });

  test('reaches an IPv6 address', async () => {
    const url = await serving((_request, response) => response.end(), '::1');
    expect(await attemptAt(url)).toEqual({ outcome: 'delivered' });
  });

  test('resolves names through the environment', async () => {
    const asked: string[] = [];
    const lookup: TriggerEnvironment['lookup'] = (name, options, callback) => {
      asked.push(name);
      if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    };
    const port = new URL(receiver.url).port;
    const trigger = await open({ url: `http://hooks.example.com:${port}/` }, { lookup });
    expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
    expect(asked).toEqual(['hooks.example.com']);
  });
});

describe('the surroundings', () => {
  test('cannot put a proxy between', async () => {
    const proxies = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    for (const name of proxies) vi.stubEnv(name, name === 'NODE_USE_ENV_PROXY' ? '1' : 'http://127.0.0.1:9');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await attemptAt(receiver.url)).toEqual({ outcome: 'delivered' });
  });

  test('see no error that nobody listens to, however an attempt ends', async () => {
    const unheard = vi.fn();
    process.on('unhandledRejection', unheard).on('uncaughtException', unheard);
    onTestFinished(() => void process.off('unhandledRejection', unheard).off('uncaughtException', unheard));
    const length = { headers: { 'content-length': '9' }, body: 'torn' };
    await receiver.respond('/', [
      { destroy: 'before-status' },
      { ...length, destroy: 'mid-body' },
      { ...length, destroy: 'mid-body', status: 503 },
      { hang: true },
    ]);
    const trigger = await webhook.open({ url: receiver.url }, sampleEnvironment());
    for (let number = 1; number <= 3; number += 1) await trigger.attempt(sampleAttempt({ number }));
    const hanging = trigger.attempt(sampleAttempt({ number: 4 }));
    await receiver.waitFor(4);
    await trigger.close?.();
    expect((await hanging).outcome).toBe('retry');
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(unheard).not.toHaveBeenCalled();
  });
});

describe('the status', () => {
  const table: Array<[AttemptOutcome['outcome'], number[]]> = [
    ['delivered', [200, 201, 202, 204, 205, 206, 226, 299]],
    ['retry', [408, 425, 429, 500, 501, 502, 503, 504, 507, 599]],
    ['rejected', [300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 410, 413, 422, 451, 499, 600, 999]],
  ];
  for (const [outcome, statuses] of table) {
    test.each(statuses)(`%d is ${outcome}, after one request`, async (status) => {
      await receiver.respond('/', [{ status }]);
      const result = await attemptAt(receiver.url);
      expect(result.outcome).toBe(outcome);
      if (result.outcome !== 'delivered') expect(result.reason).toContain(`HTTP ${status} from http://127.0.0.1:`);
      expect(await receiver.requests()).toHaveLength(1);
    });
  }

  test('of a redirect is not followed, and only the host of its target is named', async () => {
    await receiver.respond('/', [{ status: 307, headers: { location: `${receiver.url}/elsewhere?token=s3cret` } }]);
    const result = await attemptAt(receiver.url);
    expect(result).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining(new URL(receiver.url).host) });
    expect(JSON.stringify(result)).not.toMatch(/s3cret|elsewhere/);
    expect(await receiver.requests('/elsewhere')).toEqual([]);
  });

  test('is the final one: informational ones before it are ignored', async () => {
    const url = await serving((_request, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.writeHead(503).end();
    });
    expect((await attemptAt(url)).outcome).toBe('retry');
  });

  test('decides also when it comes before the whole payload was taken, and the rest is not sent', async () => {
    const connected = new EventEmitter();
    const connection = once(connected, 'socket');
    const url = await listening(
      createTcpServer((socket) => {
        socket.pause();
        socket.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 8\r\n\r\ntoo long');
        connected.emit('socket', socket);
      }),
    );
    const payload = JSON.stringify('x'.repeat(20_000_000));
    expect(await attemptAt(url, { payload })).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringContaining('too long'),
    });
    const [socket] = (await connection) as [Socket];
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(payload.length);
  });

  test('of a protocol switch that nobody asked for is no delivery', async () => {
    const url = await speaking('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    expect((await attemptAt(url)).outcome).toBe('rejected');
  });

  test.each([
    ['7', 7000],
    ['Mon, 01 Jan 2024 00:00:30 GMT', 30_000],
    ['soon', undefined],
  ])('comes with the wait that Retry-After %j asks for', async (header, retryAfterMs) => {
    await receiver.respond('/', [{ status: 429, headers: { 'retry-after': header } }]);
    const trigger = await open({ url: receiver.url }, { clock: new ManualClock(Date.UTC(2024, 0, 1)) });
    const { reason, ...rest } = Object.assign({ reason: '' }, await trigger.attempt(sampleAttempt()));
    expect(reason).toContain('HTTP 429');
    expect(rest).toEqual(retryAfterMs === undefined ? { outcome: 'retry' } : { outcome: 'retry', retryAfterMs });
  });
});

describe('the body', () => {
  test('is quoted in the reason of a failed attempt, also when compressed', async () => {
    await receiver.respond('/', [
      { status: 503, body: 'out of\nspace' },
      { status: 422, body: gzipSync('no such\u0007field'), headers: { 'content-encoding': 'gzip' } },
    ]);
    const trigger = await open({ url: `${receiver.url}/?token=s3cret` });
    const { host } = new URL(receiver.url);
    expect(await trigger.attempt(sampleAttempt())).toEqual({
      outcome: 'retry',
      reason: `HTTP 503 from http://${host}: "out of space"`,
    });
    expect(await trigger.attempt(sampleAttempt())).toEqual({
      outcome: 'rejected',
      reason: `HTTP 422 from http://${host}: "no such field"`,
    });
  });

  test.each([200, 503, 400])('of 10 MB changes nothing of a %d and is not taken in', async (status) => {
    let sentBytes = 0;
    const responses = new EventEmitter();
    const gone = once(responses, 'close');
    const url = await serving((_request, response) => {
      response.writeHead(status);
      const chunk = Buffer.alloc(64 * 1024, 'a');
      const pump = () => {
        while (sentBytes < 10_000_000 && !response.destroyed) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', pump);
        }
        response.end();
      };
      pump();
      response.once('close', () => responses.emit('close'));
    });
    const result = await attemptAt(url);
    expect(result.outcome).toBe(status === 200 ? 'delivered' : status === 503 ? 'retry' : 'rejected');
    expect(JSON.stringify(result).length).toBeLessThan(5000);
    await gone;
    expect(sentBytes).toBeLessThan(9_000_000);
  });

  test('that never ends does not hold up a delivery', async () => {
    const url = await serving((_request, response) => void response.writeHead(200).write('a'));
    expect(await attemptAt(url)).toEqual({ outcome: 'delivered' });
  });

  test('that never ends holds one connection, not one for each delivery', async () => {
    const connections = new Set<Socket>();
    const server = createServer((_request, response) => void response.writeHead(200).write('a'));
    server.on('connection', (socket: Socket) => {
      connections.add(socket);
      socket.once('close', () => connections.delete(socket));
    });
    const trigger = await open({ url: await listening(server) });
    for (let number = 1; number <= 20; number += 1) await trigger.attempt(sampleAttempt({ number }));
    await vi.waitFor(() => expect(connections.size).toBeLessThanOrEqual(2));
  });

  test('that drips is waited for until the signal aborts, and what was there is told', async () => {
    const url = await serving((_request, response) => void response.writeHead(400).write('no such f'));
    const clock = new ManualClock();
    const trigger = await open({ url }, { clock });
    const controller = new AbortController();
    const attempting = trigger.attempt(sampleAttempt({ signal: controller.signal }));
    await clock.nextSleep();
    controller.abort();
    expect((await attempting).outcome).toBe('rejected');
  });

  test('that drips is given up well before the deadline, which would make a timeout of the outcome', async () => {
    const url = await serving((_request, response) => void response.writeHead(400).write('no such f'));
    const clock = new ManualClock();
    const trigger = await open({ url }, { clock });
    const attempting = trigger.attempt(sampleAttempt({ deadlineAt: clock.now() + 1000 }));
    expect((await clock.nextSleep()).wakesInMs).toBe(500);
    await clock.advance(500);
    expect((await attempting).outcome).toBe('rejected');
  });

  test.each([
    [200, 'delivered'],
    [503, 'retry'],
    [404, 'rejected'],
  ])('that breaks off changes nothing of a %d', async (status, outcome) => {
    await receiver.respond('/', [
      { status, body: 'half of it', destroy: 'mid-body', headers: { 'content-length': '10' } },
    ]);
    expect((await attemptAt(receiver.url)).outcome).toBe(outcome);
  });

  test('in a broken encoding changes nothing', async () => {
    const broken = { body: 'this is no gzip', headers: { 'content-encoding': 'gzip' } };
    await receiver.respond('/', [broken, { ...broken, status: 500 }]);
    const trigger = await open({ url: receiver.url });
    expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
    expect(await trigger.attempt(sampleAttempt())).toMatchObject({ outcome: 'retry' });
  });

  test('that quotes a header is passed on as it is: hiding secrets is the work of the core', async () => {
    const url = await serving((request, response) => response.writeHead(403).end(request.headers.authorization));
    const trigger = await open({ url, headers: { Authorization: 'Bearer s3cret' } });
    expect(await trigger.attempt(sampleAttempt())).toMatchObject({ reason: expect.stringContaining('Bearer s3cret') });
  });
});

describe('a connection', () => {
  /** What is left of an answer is read in the background, and a sleeper on the clock limits that: until it is gone. */
  const bodyIsRead = (clock: ManualClock) => vi.waitUntil(() => clock.sleepers.length === 0, { interval: 1 });

  test('is used again after a delivery and after a failure with a short body', async () => {
    await receiver.respond('/', [{ body: 'fine' }, { status: 503, body: 'busy' }, { status: 204 }]);
    const clock = new ManualClock();
    const trigger = await open({ url: receiver.url }, { clock });
    for (let number = 1; number <= 4; number += 1) {
      await trigger.attempt(sampleAttempt({ number }));
      await bodyIsRead(clock);
    }
    expect(new Set((await receiver.requests()).map(({ connection }) => connection)).size).toBe(1);
  });

  test('that the server closed between two attempts makes a retry at worst', async () => {
    const url = await listening(
      createTcpServer((socket) => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
          socket.once('data', () => socket.resetAndDestroy());
        });
      }),
    );
    const clock = new ManualClock();
    const trigger = await open({ url }, { clock });
    const outcomes: string[] = [];
    for (let number = 1; number <= 4; number += 1) {
      outcomes.push((await trigger.attempt(sampleAttempt({ number }))).outcome);
      await bodyIsRead(clock);
    }
    expect(outcomes).toEqual(['delivered', 'retry', 'delivered', 'retry']);
  });

  test('that is refused names the address', async () => {
    const closed = await startReceiver();
    await closed.stop();
    const { host } = new URL(closed.url);
    expect(await attemptAt(closed.url)).toEqual({ outcome: 'retry', reason: `connection refused by ${host}` });
  });

  test('that is closed before the status is a retry', async () => {
    await receiver.respond('/', [{ destroy: 'before-status' }]);
    expect(await attemptAt(receiver.url)).toEqual({
      outcome: 'retry',
      reason: `connection closed by ${new URL(receiver.url).host} before it answered`,
    });
  });

  test.each([
    ['not HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 'is not HTTP'],
    ['too many headers', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 'is not HTTP'],
  ])('that answers with %s is a retry', async (_title, answer, saying) => {
    expect(await attemptAt(await speaking(answer))).toMatchObject({
      outcome: 'retry',
      reason: expect.stringContaining(saying),
    });
  });

  test('without TLS behind an https URL is a retry that says so', async () => {
    const url = await speaking('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect(await attemptAt(url.replace('http:', 'https:'))).toMatchObject({
      outcome: 'retry',
      reason: expect.stringContaining('TLS'),
    });
  });

  test('to a name that does not exist is a retry', async () => {
    const lookup: TriggerEnvironment['lookup'] = (name, _options, callback) => {
      callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), '', 4);
    };
    const trigger = await open({ url: 'http://nowhere.example/' }, { lookup });
    expect(await trigger.attempt(sampleAttempt())).toEqual({
      outcome: 'retry',
      reason: 'no address found for nowhere.example:80',
    });
  });
});

describe('the signal', () => {
  test('ends an attempt that nobody answers', async () => {
    await receiver.respond('/', [{ hang: true }]);
    const controller = new AbortController();
    const attempting = attemptAt(receiver.url, { signal: controller.signal });
    await receiver.waitFor(1);
    controller.abort();
    expect(await attempting).toMatchObject({ outcome: 'retry', reason: expect.stringContaining('ended before') });
  });

  test('of a deadline is told as a timeout', async () => {
    await receiver.respond('/', [{ hang: true }]);
    const clock = new ManualClock();
    const trigger = await open({ url: receiver.url }, { clock });
    const controller = new AbortController();
    const attempting = trigger.attempt(sampleAttempt({ signal: controller.signal, deadlineAt: clock.now() + 30_000 }));
    await receiver.waitFor(1);
    await clock.advance(30_000);
    controller.abort(new DOMException('30 s are over', 'TimeoutError'));
    expect(await attempting).toMatchObject({ outcome: 'retry', reason: expect.stringContaining('within the timeout') });
  });

  test('that aborted before sends nothing', async () => {
    expect(await attemptAt(receiver.url, { signal: AbortSignal.abort() })).toMatchObject({ outcome: 'retry' });
    expect(await receiver.requests()).toEqual([]);
  });
});

describe('closing', () => {
  test('releases connections, kept ones and ones still being read', async () => {
    const closed: Array<Promise<unknown>> = [];
    const server = createServer((_request, response) => void response.writeHead(200).write('never ends'));
    server.on('connection', (socket: Socket) => closed.push(once(socket, 'close')));
    const trigger = await webhook.open({ url: await listening(server) }, sampleEnvironment());
    for (const number of [1, 2]) await trigger.attempt(sampleAttempt({ number }));
    await trigger.close?.();
    await Promise.all(closed);
    expect(closed).toHaveLength(2);
  });
});
