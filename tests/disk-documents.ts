import { clockFromUnix, type Document, formatDocumentUuid, mergePatch } from '@aftercommit/models';

/**
 * Readings of stations: several under one key, the later ones are merged into what is looked up. Each was published in a
 * second of its own, so that a delivery tells which documents it is about.
 */
export function readings(count: number, padding = 0): Document[] {
  return Array.from({ length: count }, (_, index) => ({
    station: index % Math.ceil(count / 2),
    reading: index,
    [`field${index % 3}`]: index / 4,
    note: '·'.repeat(padding),
    _meta: { uuid: formatDocumentUuid({ clock: clockFromUnix(index, 0), flags: 0, producer: '000000000000' }) },
  }));
}

/** The number of the document that was published then. */
export function readingAt(timestamp: string): number {
  return Date.parse(timestamp) / 1000;
}

/** What the tables should hold. */
export function wantedTables(documents: readonly Document[]): Record<'stations' | 'log', Document[]> {
  const merged = new Map<unknown, Document>();
  for (const document of documents) {
    const key = document['station'];
    merged.set(key, mergePatch(merged.get(key), document) as Document);
  }
  return { stations: inOrder([...merged.values()]), log: inOrder(documents) };
}

function inOrder(documents: readonly Document[]): Document[] {
  return [...documents].sort((one, other) => {
    const stations = Number(one['station']) - Number(other['station']);
    return stations === 0 ? Number(one['reading']) - Number(other['reading']) : stations;
  });
}
