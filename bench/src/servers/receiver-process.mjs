// The program of the receiver: it answers 200 to everything, after the milliseconds of `?delay=`, and notes what
// arrived when. Plain JavaScript with as little work as possible for each request.

import { createServer } from 'node:http';

/** @type {Array<[path: string, atNs: string, body: string]>} */
let arrivals = [];
let inFlight = 0;
let mostInFlight = 0;
let firstAtNs = 0n;
let lastAtNs = 0n;
let isKeeping = false;

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const atNs = process.hrtime.bigint();
  if (firstAtNs === 0n) firstAtNs = atNs;
  lastAtNs = atNs;
  inFlight += 1;
  mostInFlight = Math.max(mostInFlight, inFlight);
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const path = request.url ?? '';
    count += 1;
    bytes += body.length;
    if (isKeeping) arrivals.push([path, String(atNs), body]);
    const delayMs = Number(/delay=(\d+)/.exec(path)?.[1] ?? 0);
    if (delayMs === 0) answer(response);
    else setTimeout(answer, delayMs, response);
  });
});
let count = 0;
let bytes = 0;

/** @param {import('node:http').ServerResponse} response */
function answer(response) {
  inFlight -= 1;
  response.end();
}

process.on('message', (/** @type {{ keep: boolean }} */ { keep }) => {
  process.send?.({ count, bytes, mostInFlight, firstAtNs: String(firstAtNs), lastAtNs: String(lastAtNs), arrivals });
  [count, bytes, mostInFlight, firstAtNs, lastAtNs, arrivals, isKeeping] = [0, 0, inFlight, 0n, 0n, [], keep];
});
process.once('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', 4096, () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
