import type { ReceivedRequest } from '@aftercommit/testkit';
import { readingAt } from './disk-documents.js';

/** What an outside receiver got for one trigger. */
export type Deliveries = {
  /** Requests with a key that was there before. */
  repeated: number;
  /** In how many deliveries, of distinct keys, each document was: all 1 when nothing was lost and nothing sent twice. */
  perDocument: number[];
};

export const payloadTemplate =
  '{"docs": {{docs_total}}, "from": "{{flow_published_at_min}}", "to": "{{flow_published_at_max}}"}';

type Payload = { docs: number; from: string; to: string };

/** Throws when two requests of one key differ, or when a delivery is not about neighbours. */
export function deliveriesOf(requests: readonly ReceivedRequest[], count: number): Deliveries {
  const bodies = new Map<string, string>();
  for (const { idempotencyKey = '', body } of requests) {
    const first = bodies.get(idempotencyKey) ?? body;
    if (first !== body) throw new Error(`two deliveries of one key differ: ${first} and ${body}`);
    bodies.set(idempotencyKey, body);
  }
  const perDocument = Array.from({ length: count }, () => 0);
  for (const body of bodies.values()) {
    const payload = JSON.parse(body) as Payload;
    const [from, to] = [readingAt(payload.from), readingAt(payload.to)];
    if (to - from + 1 !== payload.docs) throw new Error(`${payload.docs} documents, from ${from} to ${to}`);
    for (let index = from; index <= to; index += 1) perDocument[index] = (perDocument[index] ?? 0) + 1;
  }
  return { repeated: requests.length - bodies.size, perDocument };
}
