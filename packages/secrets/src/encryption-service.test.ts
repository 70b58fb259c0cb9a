import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keySources, recipient, schemaOf, sealer, triggers } from '../test/sample-kinds.js';
import { encryptDocument } from './encrypt-document.js';
import { encryptionServiceSealer } from './encryption-service.js';
import { readJson } from './read-json.js';
import { sealTriggers } from './seal-triggers.js';
import type { SealRequest } from './sealer.js';
import { unsealTriggers } from './unseal-triggers.js';
import { writeDocument } from './write-document.js';

let server: Server;
let url: string;
let answer: (
  request: { schema: SealRequest['schema']; config: string; headers: IncomingMessage['headers']; path: string },
  response: ServerResponse,
) => unknown;

beforeAll(async () => {
  server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  const { schema } = JSON.parse(body) as { schema: SealRequest['schema'] };
  const config = writeDocument((readJson(body, 'it') as SealRequest['config']).get('config') ?? null, 'json');
  await answer({ schema, config, headers: request.headers, path: `${request.method} ${request.url}` }, response);
}

const seal = (options: object = {}) =>
  sealTriggers(triggers, { schemaOf, sealer: encryptionServiceSealer({ url, ...options }), label: 'orders.yaml' });

/** What a service does: by the schema alone. */
async function sealed(schema: SealRequest['schema'], config: string): Promise<string> {
  const fields = readJson(config, 'it') as SealRequest['config'];
  return writeDocument(await sealer.seal({ schema, config: fields, label: 'it' }), 'json');
}

describe('encryptionServiceSealer', () => {
  it('has a service seal what its schema calls secret, without the nonsensitive fields', async () => {
    let seen = '';
    answer = async ({ schema, config, headers, path }, response) => {
      seen = `${path} ${headers['authorization']} ${headers['content-type']}`;
      expect(config).not.toMatch(/10s|run_id|usual one/);
      response.end(await sealed(schema, config));
    };
    const { text } = await seal({ headers: { authorization: 'Bearer me' } });
    expect(seen).toBe('POST /v1/encrypt-config Bearer me application/json');
    expect(await unsealTriggers(text, { schemaOf, keySources })).toEqual(triggers);
  });

  it.each<[string, (schema: SealRequest['schema'], config: string) => string | Promise<string>]>([
    [
      'leaves a secret as it is',
      async (schema, config) => (await sealed(schema, config)).replace(/ENC\[[^\]]*\](?=")/, 's3cr3t'),
    ],
    [
      'changes a URL',
      async (schema, config) => (await sealed(schema, config)).replace('example.com/plain', 'evil.example'),
    ],
    [
      'adds a trigger',
      async (schema, config) => (await sealed(schema, config)).replace('"config": {', '"config": {"new": {},'),
    ],
    ['seals nothing', (_schema, config) => config],
    [
      'seals everything',
      (_schema, config) => encryptDocument(JSON.parse(config), { format: 'json', recipients: [recipient] }),
    ],
    ['answers with another document', () => '{"sops": {}}'],
    ['answers with no JSON', () => '<html>s3cr3t</html>'],
  ])('refuses the answer of one that %s', async (_what, make) => {
    answer = async ({ schema, config }, response) => response.end(await make(schema, config));
    const failed: unknown = await seal().catch((error) => error);
    expect(failed).toMatchObject({ code: 'SECRETS_SERVICE_ANSWER' });
    expect(String(failed)).not.toContain('s3cr3t');
  });

  it.each([
    [400, 'it refuses the configuration'],
    [401, 'Check its headers'],
    [302, 'it redirects, and secrets are not sent on'],
    [503, 'try again later'],
  ])('maps status %d, and quotes no body', async (status, advice) => {
    answer = ({ config }, response) => response.writeHead(status, { location: '/elsewhere' }).end(config);
    const failed: unknown = await seal().catch((error) => error);
    expect(failed).toMatchObject({
      code: 'SECRETS_SERVICE_FAILED',
      message: expect.stringMatching(new RegExp(`status ${status}: .*${advice}`)),
    });
    expect(String(failed)).not.toMatch(/s3cr3t|elsewhere/);
  });

  it('gives up on one that does not answer, and on one that is not there', async () => {
    answer = () => undefined;
    await expect(seal({ timeoutMs: 200 })).rejects.toThrow(/did not answer within 200 ms/);
    await expect(seal({ url: 'http://127.0.0.1:1' })).rejects.toThrow(/127\.0\.0\.1:1 cannot be reached/);
  });

  it.each(['http://secrets.example.com', 'ftp://localhost', 'secrets'])('refuses the URL %s', (wrong) => {
    expect(() => encryptionServiceSealer({ url: wrong })).toThrow('The encryption service was not used: its URL');
  });
});
