import type { ReceivedRequest } from '@aftercommit/testkit';
import Database from 'better-sqlite3';

/** What one trigger's receiver can testify. */
export type Evidence = {
  trigger: string;
  /** Requests that arrived. */
  requests: number;
  /** Different deliveries among them, by `webhook-id`. */
  deliveries: number;
  /** Requests the receiver refused on purpose. */
  refused: number;
  /** Requests beyond the first and beyond those that were refused. */
  duplicates: number;
  /** Over the different deliveries. */
  docsTotal: number;
};

/** @param refusals How many of a trigger's requests the receiver was told to refuse; all others it takes. */
export function summarize(
  requests: ReceivedRequest[],
  triggers: readonly string[],
  refusals: Record<string, number>,
): Evidence[] {
  return triggers.map((trigger) => {
    const own = requests.filter(({ path }) => path === `/${trigger}`);
    const byKey = new Map(own.map((request) => [request.idempotencyKey, docsOf(request)]));
    const refused = refusals[trigger] ?? 0;
    return {
      trigger,
      requests: own.length,
      deliveries: byKey.size,
      refused,
      duplicates: own.length - byKey.size - refused,
      docsTotal: [...byKey.values()].reduce((total, docs) => total + docs, 0),
    };
  });
}

/** Rows in the endpoint's table. */
export function countRows(database: string): number {
  const connection = new Database(database, { readonly: true });
  try {
    return Number(connection.prepare('SELECT count(*) FROM weather').pluck().get());
  } finally {
    connection.close();
  }
}

function docsOf({ body }: ReceivedRequest): number {
  const payload: { docs_total: number } = JSON.parse(body);
  return payload.docs_total;
}
