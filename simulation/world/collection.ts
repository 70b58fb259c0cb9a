import type { Document } from '@aftercommit/models';
import type { Chance } from './chance.js';
import { type CollectionName, collections } from './simulated-endpoint.js';

/** What producers write: a document, of which collection it is, and when it is there, in milliseconds since the world began. */
export type Written = { document: Document; collection: CollectionName; atMs: number };

/** Documents in their order. Each has its number in it. */
export type Collection = readonly Written[];

/** All that producers write in a story: the number of a document is its place here. */
export function everythingWritten(
  chance: Chance,
  { documents, overMs }: { documents: number; overMs: number },
): Collection {
  const moments = Array.from({ length: documents }, () => Math.floor(chance.fraction() * overMs)).sort((a, b) => a - b);
  const [events, notes] = collections;
  const hasNotes = chance.happens(0.5);
  return moments.map((atMs, number) => {
    // Keys rise and come back: both what is known to be new and what has to be looked up.
    const id = chance.happens(0.5) ? number : chance.between(0, number);
    const document: Document = { id, number, [`field-${chance.between(0, 2)}`]: chance.happens(0.2) ? null : number };
    return { document, collection: hasNotes && chance.happens(0.4) ? notes : events, atMs };
  });
}

/** How long a document was as it was read: different for different ones, so that a sum tells much about its parts. */
export function bytesOf(number: number): number {
  return 100 + ((number * 7919) % 1_009);
}
