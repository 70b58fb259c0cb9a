// The program of the receiver: an HTTP server that records what it gets and answers from scripts. It runs in a process
// of its own, so that it outlives whoever delivers to it. Plain JavaScript with Node's own modules only: it is started
// as it stands, from the sources and from the published package alike.
//
// Two servers: one receives; the other is asked, by `startReceiver`, for what was received.

import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * @typedef {{ status?: number, headers?: Record<string, string>, body?: string, delayMs?: number, hang?: boolean,
 *   destroy?: 'before-status' | 'mid-body', dripMsPerByte?: number }} Step One response; `body` is base64.
 * @typedef {{ at: number, connection: number, method: string, path: string,
 *   headers: Record<string, string>, body: string }} Received One request; `body` is base64.
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 */

const settings = JSON.parse(process.argv[2] ?? '{}');

/** @type {Received[]} */
let received = [];
/** @type {Map<string, Step[]>} */
let scripts = new Map();
/** @type {Set<() => void>} */
const waiting = new Set();
/** @type {WeakMap<import('node:net').Socket, number>} */
const connectionNumbers = new WeakMap();
let connections = 0;

const receiving = createServer((request, response) => void receive(request, response));
receiving.on('connection', (socket) => {
  connections += 1;
  connectionNumbers.set(socket, connections);
});
const control = createServer((request, response) => void obey(request, response));

if (!settings.detached) process.once('disconnect', () => process.exit(0));
for (const server of [receiving, control]) server.once('error', fail);
receiving.listen(settings.port ?? 0, '127.0.0.1', () => control.listen(0, '127.0.0.1', announce));

function announce() {
  process.send?.({ port: portOf(receiving), controlPort: portOf(control) });
}

/** @param {Error} error */
function fail(error) {
  process.send?.({ error: error.message }, () => process.exit(1));
}

/** @param {import('node:http').Server} server */
function portOf(server) {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** @param {Request} request @param {Response} response */
async function receive(request, response) {
  const body = await readWhole(request);
  if (body === undefined) return;
  received.push({
    at: Date.now(),
    connection: connectionNumbers.get(request.socket) ?? 0,
    method: request.method ?? '',
    path: request.url ?? '',
    headers: textHeaders(request),
    body,
  });
  for (const check of waiting) check();
  await answer(nextStep(pathOf(request)), response);
}

/** @param {string} path @returns {Step} */
function nextStep(path) {
  const script = scripts.get(path) ?? [];
  return (script.length > 1 ? script.shift() : script[0]) ?? {};
}

/** @param {Step} step @param {Response} response */
async function answer(step, response) {
  if (step.hang) return;
  if (step.delayMs) await delay(step.delayMs);
  if (step.destroy === 'before-status') {
    response.destroy();
    return;
  }
  const body = Buffer.from(step.body ?? '', 'base64');
  response.writeHead(step.status ?? 200, step.headers);
  if (step.dripMsPerByte !== undefined) await drip(body, step.dripMsPerByte, response);
  else if (step.destroy === 'mid-body') tear(body, response);
  else response.end(body);
}

/** @param {Buffer} body @param {number} msPerByte @param {Response} response */
async function drip(body, msPerByte, response) {
  for (let index = 0; index < body.length && !response.destroyed; index += 1) {
    response.write(body.subarray(index, index + 1));
    await delay(msPerByte);
  }
  response.end();
}

/** Sends the first half, and closes once it is on its way. @param {Buffer} body @param {Response} response */
function tear(body, response) {
  response.write(body.subarray(0, Math.ceil(body.length / 2)), () => setImmediate(() => response.destroy()));
}

/** @param {Request} request @param {Response} response */
async function obey(request, response) {
  const body = await readWhole(request);
  if (body === undefined) return;
  const { command, path, script, count } = JSON.parse(Buffer.from(body, 'base64').toString());
  if (command === 'respond') scripts.set(path, script);
  if (command === 'clear') {
    received = [];
    scripts = new Map();
  }
  if (command === 'wait') await atLeast(count, path, response);
  response.end(JSON.stringify(receivedAt(path)), () => {
    if (command === 'stop') process.exit(0);
  });
}

/** @param {string | undefined} path */
function receivedAt(path) {
  return path === undefined ? received : received.filter((request) => request.path.split('?')[0] === path);
}

/** Resolves when so many requests are there, or nobody waits for them any more.
 * @param {number} count @param {string | undefined} path @param {Response} response @returns {Promise<void>} */
function atLeast(count, path, response) {
  return new Promise((resolve) => {
    const end = () => {
      waiting.delete(check);
      resolve();
    };
    const check = () => {
      if (receivedAt(path).length >= count) end();
    };
    waiting.add(check);
    response.once('close', end);
    check();
  });
}

/** The body in base64, or undefined when the sender went away before its end: such a request never arrived.
 * @param {Request} request @returns {Promise<string | undefined>} */
function readWhole(request) {
  return new Promise((resolve) => {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.once('end', () => resolve(Buffer.concat(chunks).toString('base64')));
    request.once('error', () => resolve(undefined));
  });
}

/** @param {Request} request */
function pathOf(request) {
  return (request.url ?? '').split('?')[0] ?? '';
}

/** @param {Request} request */
function textHeaders(request) {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}
