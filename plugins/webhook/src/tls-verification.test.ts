import { createServer, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { sampleAttempt } from '@aftercommit/testkit';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { authority, clientCertificate, receiverCertificate } from '../../../tests/servers/certificates.js';
import { selfSigned } from '../../../tests/servers/self-signed.js';
import { listening, open } from '../test/servers.js';
import type { WebhookConfig } from './webhook-config.js';

/** One attempt at an https server of that sort, and the subjects of the client certificates with which requests reached it. */
async function attemptOverTls(options: ServerOptions, tls?: WebhookConfig['tls']) {
  const clients: unknown[] = [];
  const server = createServer(options, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    clients.push(subject?.CN);
    response.end();
  });
  const { host } = new URL(await listening(server));
  const trigger = await open({ url: `https://${host}/`, ...(tls && { tls }) });
  return { outcome: await trigger.attempt(sampleAttempt()), clients, host };
}

describe('the certificate of a receiver', () => {
  test('that cannot be verified gets nothing sent', async () => {
    const { outcome, clients, host } = await attemptOverTls(selfSigned);
    expect(outcome).toEqual({ outcome: 'retry', reason: `the TLS certificate of ${host} is self-signed` });
    expect(clients).toEqual([]);
  });

  test('is verified also when the environment turns verification off', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const tls of [undefined, { ca: authority }, clientTls({})]) {
      const { outcome, clients } = await attemptOverTls(selfSigned, tls);
      expect([outcome.outcome, clients]).toEqual(['retry', []]);
    }
  });

  test('is vouched for by a configured authority, and by no other then', async () => {
    const ca = authority;
    expect((await attemptOverTls(receiverCertificate, { ca })).outcome).toEqual({ outcome: 'delivered' });
    expect((await attemptOverTls(receiverCertificate)).outcome.outcome).toBe('retry');
    expect((await attemptOverTls(receiverCertificate, { ca: selfSigned.cert })).outcome.outcome).toBe('retry');
  });
});

function clientTls(more: WebhookConfig['tls']) {
  return { ca: authority, certificate: clientCertificate.cert, key: clientCertificate.key, ...more };
}

describe('a receiver that wants a client certificate', () => {
  const wanting = { ...receiverCertificate, ca: authority, requestCert: true, rejectUnauthorized: true };

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('gets the configured one with %s', async (maxVersion) => {
    const { outcome, clients } = await attemptOverTls({ ...wanting, maxVersion }, clientTls({}));
    expect([outcome, clients]).toEqual([{ outcome: 'delivered' }, ['sender']]);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('gets nothing without one, with %s', async (maxVersion) => {
    const { outcome, clients } = await attemptOverTls({ ...wanting, maxVersion }, { ca: authority });
    expect([outcome.outcome, clients]).toEqual(['retry', []]);
  });
});

describe('the lowest version of TLS', () => {
  const tls = { ca: authority };

  test('is 1.2 unless 1.3 is configured, which a server with 1.2 alone cannot speak', async () => {
    const old: ServerOptions = { ...receiverCertificate, maxVersion: 'TLSv1.2' };
    expect((await attemptOverTls(old, tls)).outcome).toEqual({ outcome: 'delivered' });
    const { outcome, clients, host } = await attemptOverTls(old, { ...tls, minVersion: 'TLSv1.3' });
    expect(outcome).toEqual({
      outcome: 'retry',
      reason: expect.stringContaining(`TLS could not be agreed on with ${host}`),
    });
    expect(clients).toEqual([]);
  });

  test('is never below 1.2', async () => {
    const ancient: ServerOptions = {
      ...receiverCertificate,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    };
    const { outcome, clients } = await attemptOverTls(ancient, tls);
    expect([outcome.outcome, clients]).toEqual(['retry', []]);
  });
});
