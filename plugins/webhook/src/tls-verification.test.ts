import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { webhook } from './webhook-kind.js';

/** A certificate for localhost that nobody signed but itself. Its key protects nothing. */
const selfSigned = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/4eGzZJpYqt2Gxtv
YhuQemL12fjkfYnT0AvQVxmTmoChRANCAATTeCzeE1uq34ds0Pjszcg0uLI+NPez
TsBzgKw/G2YpzaoxUA78h9JIgWDlYJO0ZCUmtyoTOlsYBNGoPLrPYxno
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIURwIJOdCYvIA6q7WxEim6m372RYwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMDEzNDA1MloYDzIxMjYxMDI3
MTM0MDUyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATTeCzeE1uq34ds0Pjszcg0uLI+NPezTsBzgKw/G2YpzaoxUA78h9JI
gWDlYJO0ZCUmtyoTOlsYBNGoPLrPYxnoo28wbTAdBgNVHQ4EFgQUt8NRxjCrby8W
Pt+zj7salyyniVIwHwYDVR0jBBgwFoAUt8NRxjCrby8WPt+zj7salyyniVIwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAIuJz5CeTaYB8bxX2v6pvJROftgu342H7Yde6BIFIIhJAiEA
w6bd1SPqdIpOZx4ccg6I8xC9eZDLoFYBRSyD1+s2V3I=
-----END CERTIFICATE-----
`,
};

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
