import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TriggersConfig } from '@aftercommit/models';
import { TriggerKindRegistry, triggersSchema } from '@aftercommit/registry';
import { ageKeySource, ageSealer, newAgeIdentity, sealTriggers, unsealTriggers } from '@aftercommit/secrets';
import { scriptedKind } from '@aftercommit/testkit';
import { webhook } from '@aftercommit/webhook';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadPage, missingChromium } from './chromium.js';

const registry = new TriggerKindRegistry([webhook, scriptedKind()]);
const schemaOf = (kind: string) => registry.find(kind)?.configSchema;

/** What somebody has filled in: two kinds, each with a secret, and every nonsensitive field somewhere. */
const filled: TriggersConfig = {
  interval: '1h',
  config: {
    slack: {
      url: 'https://hooks.example.com/weather?team=a',
      headers: { Authorization: 'Bearer hunter2-of-slack', 'X-Team': 'weather-team' },
      payloadTemplate: '{"text": "{{docs_total}} \u2028 \ud83c\udf27"}',
      timeout: '5s',
      maxAttempts: 5,
    },
    own: {
      kind: 'scripted',
      target: 'somewhere',
      token: 'hunter2-of-own',
      payloadTemplate: '{}',
      interval: '10m',
      onFailure: 'park',
    },
  },
};

const secrets = ['hunter2-of-slack', 'weather-team', 'hunter2-of-own'];

/** `script-src` without `unsafe-eval`: whatever makes a function of a text fails. */
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'";
const page = '<!doctype html><meta charset="utf-8"><pre id="result"></pre><script src="/editor.js"></script>';

/** The editor's page, the schema as a server gives it away, and somebody who seals. */
async function serveEditor(recipient: string): Promise<{ url: string; received: string[] }> {
  const received: string[] = [];
  const script = await bundled('tests/form-editor.ts');
  const seal = async (request: IncomingMessage): Promise<string> => {
    const body = await text(request);
    received.push(body);
    return (await sealTriggers(JSON.parse(body), { schemaOf, sealer: ageSealer({ recipients: [recipient] }) })).text;
  };
  const answers: Record<string, (request: IncomingMessage) => Promise<[type: string, body: string]>> = {
    '/': async () => ['text/html', page],
    '/editor.js': async () => ['text/javascript', script],
    '/schema.json': async () => ['application/json', JSON.stringify(triggersSchema(registry))],
    '/filled.json': async () => ['application/json', JSON.stringify(filled)],
    '/seal': async (request) => ['application/json', await seal(request)],
  };
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = answers[request.url ?? ''];
    if (answer === undefined) return void response.writeHead(404).end();
    const [type, body] = await answer(request);
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(body);
  };
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received };
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../${entry}`, import.meta.url))],
    bundle: true,
    write: false,
    platform: 'browser',
    conditions: ['aftercommit-source'],
    format: 'iife',
    logLevel: 'silent',
  });
  return outputFiles.map((file) => file.text).join('\n');
}

/** What the page shows in the end. */
async function shownBy(url: string): Promise<Record<string, unknown>> {
  const dom = await loadPage(url);
  const shown = /<pre id="result">(.*)<\/pre>/s.exec(dom)?.[1];
  if (!shown) throw new Error(`The page shows no result: ${dom}`);
  const characters: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&nbsp;': '\u00a0', '&amp;': '&' };
  return JSON.parse(shown.replaceAll(/&(?:lt|gt|nbsp|amp);/g, (entity) => characters[entity] ?? entity));
}

describe('a form editor in Chromium', () => {
  it('strips what was filled in, has it sealed, restores it, and checks it, without the kinds and without evaluating text', async ({
    skip,
  }) => {
    if (missingChromium !== undefined && process.env['CI'] !== 'true') skip(missingChromium);
    const { identity, recipient } = await newAgeIdentity();
    const { url, received } = await serveEditor(recipient);
    const { restored, ...shown } = await shownBy(url);
    const { payloadTemplate: _one, timeout: _two, maxAttempts: _three, ...slack } = namedTrigger('slack');
    const { payloadTemplate: _four, interval: _five, onFailure: _six, ...own } = namedTrigger('own');
    const stripped = { config: { slack: { ...slack, payloadTemplate: '' }, own: { ...own, payloadTemplate: '' } } };
    expect(shown).toEqual({
      isFilledValid: true,
      isRestoredValid: true,
      errors: expect.arrayContaining(['/config/slack required', '/config/slack additionalProperties']),
      mayEvaluate: false,
      stripped,
    });
    expect(received.map((body) => JSON.parse(body))).toEqual([stripped]);
    for (const secret of secrets) expect(JSON.stringify(restored)).not.toContain(secret);
    const keySources = [ageKeySource(identity)];
    expect(await unsealTriggers(JSON.stringify(restored), { schemaOf, keySources })).toEqual(filled);
  });
});

function namedTrigger(name: string): Record<string, unknown> {
  return (filled.config as Record<string, Record<string, unknown>>)[name] ?? {};
}
