import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { selfSigned } from '../test/self-signed.js';
import { webhook } from './webhook-kind.js';

/** One attempt at an https server with that certificate, and how many requests reached the server. */
async function attemptOverTls() {
  let requests = 0;
  const server = createServer(selfSigned, (_request, response) => {
    requests += 1;
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const trigger = await webhook.open({ url: `https://127.0.0.1:${port}/` }, sampleEnvironment());
  onTestFinished(async () => {
    await trigger.close?.();
    server.close();
  });
  return { outcome: await trigger.attempt(sampleAttempt()), requests, port };
}

test('sends nothing to a server whose certificate cannot be verified', async () => {
  const { outcome, requests, port } = await attemptOverTls();
  expect(outcome).toEqual({ outcome: 'retry', reason: `the TLS certificate of 127.0.0.1:${port} is self-signed` });
  expect(requests).toBe(0);
});

test('verifies also when the environment turns verification off', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { outcome, requests } = await attemptOverTls();
  expect([outcome.outcome, requests]).toEqual(['retry', 0]);
});
