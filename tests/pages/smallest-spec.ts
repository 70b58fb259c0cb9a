/** The smallest spec that triggers can stand in. Their text stands there as it is, so what is wrong with it is shown with its place. */
export function smallestSpec(triggers: string): string {
  const hasName = /^\s*(?:\{\s*)?"?triggers"?:/m.test(triggers);
  const indented = triggers.replaceAll(/^(?=.)/gm, ' '.repeat(hasName ? 4 : 6));
  return `collections:
  acme/orders: { key: [/id], source: { ndjson: orders.ndjson } }
materializations:
  acme/views/orders:
    endpoint: { sqlite: { path: orders.db } }
    bindings: [{ source: acme/orders, resource: { table: orders } }]
${hasName ? '' : '    triggers:\n'}${indented}`;
}
