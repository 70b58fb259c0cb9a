import { ManualClock, type Receiver, sampleAttempt, sampleEnvironment, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { egressOf, lookupAtHome } from '../test/scripted-egress.js';
import { attemptAt, open, serving } from '../test/servers.js';
import { webhook } from './webhook-kind.js';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(() => receiver.clear());

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

  test('of a test says so, and its outcome what the receiver answered', async () => {
    await receiver.respond('/', [{ status: 202 }, { status: 503 }, { status: 202 }]);
    const trigger = await open({ url: receiver.url });
    expect(await trigger.attempt(sampleAttempt({ isTest: true }))).toEqual({
      outcome: 'delivered',
      answer: `HTTP 202 from ${receiver.url}`,
    });
    expect(await trigger.attempt(sampleAttempt({ isTest: true }))).toEqual({
      outcome: 'retry',
      reason: `HTTP 503 from ${receiver.url}`,
    });
    expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
    const sent = (await receiver.requests()).map(({ headers }) => headers['aftercommit-test']);
    expect(sent).toEqual(['true', 'true', undefined]);
  });

  test("is told where it is in the host's trace, when there is one", async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const trigger = await open({ url: receiver.url });
    await trigger.attempt(sampleAttempt({ traceparent }));
    await trigger.attempt(sampleAttempt());
    const sent = (await receiver.requests()).map(({ headers }) => headers['traceparent']);
    expect(sent).toEqual([traceparent, undefined]);
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
    const port = new URL(receiver.url).port;
    const trigger = await open(
      { url: `http://hooks.example.com:${port}/` },
      { egress: egressOf({ lookup: lookupAtHome(asked) }) },
    );
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
