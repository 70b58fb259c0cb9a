import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';

import type { Attempt, AttemptOutcome, Trigger, TriggerEnvironment } from '@aftercommit/registry';
import { sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import { onTestFinished } from 'vitest';
import type { WebhookConfig } from '../src/webhook-config.js';
import { webhook } from '../src/webhook-kind.js';

export async function open(config: WebhookConfig, given: Partial<TriggerEnvironment> = {}): Promise<Trigger> {
  const trigger = await webhook.open(config, sampleEnvironment(given));
  onTestFinished(() => trigger.close?.());
  return trigger;
}

export async function attemptAt(url: string, given: Partial<Attempt> = {}): Promise<AttemptOutcome> {
  return (await open({ url })).attempt(sampleAttempt(given));
}

/** Starts a server of the test's own on the host, and gives its URL. */
export async function listening(
  server: Server | ReturnType<typeof createTcpServer>,
  host = '127.0.0.1',
): Promise<string> {
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

export const serving = (handler: RequestListener, host?: string) => listening(createServer(handler), host);

/** A server that answers every request with these bytes, whatever they are. */
export const speaking = (answer: string) => {
  return listening(createTcpServer((socket) => socket.once('data', () => socket.write(answer))));
};
