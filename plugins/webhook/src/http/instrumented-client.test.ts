import http, {
  type ClientRequest,
  type IncomingHttpHeaders,
  type RequestListener,
  type RequestOptions,
} from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { ManualClock, sampleAttempt } from '@aftercommit/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { authority, receiverCertificate } from '../../../../tests/servers/certificates.js';
import { connects, startProxy } from '../../test/connect-proxy.js';
import { egressOf } from '../../test/scripted-egress.js';
import { listening, open } from '../../test/servers.js';
import { symmetricKey } from '../../test/standard-webhooks.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** As what traces programs from outside does it: it adds a header to the object of those that a request is given. */
function instrument(client: typeof http | typeof https): void {
  const { request } = client;
  const instrumented = ({ headers, ...options }: RequestOptions): ClientRequest =>
    request({ ...options, headers: Object.assign({}, headers, { traceparent }) });
  client.request = instrumented as typeof request;
  syncBuiltinESMExports();
  onTestFinished(() => {
    client.request = request;
    syncBuiltinESMExports();
  });
}

/** A receiver that accepts everything, and the headers that it was sent. */
async function startReceiver({ isSecure = false } = {}) {
  const received: IncomingHttpHeaders[] = [];
  const answer: RequestListener = ({ headers }, response) => {
    received.push(headers);
    response.end();
  };
  const server = isSecure ? https.createServer(receiverCertificate, answer) : http.createServer(answer);
  const { host } = new URL(await listening(server));
  return { host, received };
}

test('a request arrives with all its headers where its client is instrumented from outside', async () => {
  const { host, received } = await startReceiver();
  const config = { url: `http://${host}`, headers: { Authorization: 'Bearer s3cret' }, signingKeys: [symmetricKey] };
  const trigger = await open(config, { clock: new ManualClock() });
  await trigger.attempt(sampleAttempt());
  instrument(http);
  await trigger.attempt(sampleAttempt());
  const [plain, instrumented] = received;
  expect(plain).toMatchObject({ host, authorization: 'Bearer s3cret', 'webhook-signature': expect.any(String) });
  expect(instrumented).toEqual({ ...plain, traceparent });
});

test('a proxy and the receiver behind it are told all headers where both clients are instrumented', async () => {
  const { host, received } = await startReceiver({ isSecure: true });
  const proxy = await startProxy(connects, { credentials: 'user:pass@' });
  instrument(http);
  instrument(https);
  const environment = { egress: egressOf({ proxy: proxy.url }) };
  const trigger = await open({ url: `https://${host}`, tls: { ca: authority } }, environment);
  expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
  const authorization = `Basic ${Buffer.from('user:pass').toString('base64')}`;
  expect(proxy.asked).toEqual([{ target: host, authorization }]);
  expect(received).toMatchObject([{ host, 'webhook-id': sampleAttempt().idempotencyKey, traceparent }]);
});
