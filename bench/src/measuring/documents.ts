import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** Writes so many documents as NDJSON, about 220 bytes each, as an order of a shop could look. The same for the same count. */
export async function writeDocuments(file: string, count: number): Promise<void> {
  const out = createWriteStream(file);
  for (let id = 0; id < count; id += 1) {
    const document = {
      id,
      customer: `customer-${id % 977}`,
      total: (id % 10_007) / 7,
      paid: id % 3 === 0,
      items: [{ sku: `sku-${id % 499}`, count: 1 + (id % 5) }],
      note: 'leave it at the door, please',
      _meta: { uuid: uuidOf(id) },
    };
    if (!out.write(`${JSON.stringify(document)}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

/** A version-1 UUID, whose clock rises by 100 ns with each document. */
function uuidOf(id: number): string {
  return `${(0x9f3c0000 + id).toString(16).slice(-8)}-a1b2-11ee-8000-0242ac120002`;
}
