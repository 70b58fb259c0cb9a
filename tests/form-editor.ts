/**
 * What a form editor does in its page: it has the composed schema as JSON, strips what was filled in, has somebody else seal it,
 * and puts the nonsensitive fields back. What comes of it is written into the page, for whoever looks at it from outside.
 */
import { kindSchemasOf, restoreTriggers, stripTriggers } from '@aftercommit/models';
import { Value } from 'typebox/value';

/** As much of a page as this needs. */
declare const document: { getElementById(id: string): { textContent: string } };

async function edit(): Promise<object> {
  const schema = await loaded('schema.json');
  const filled = await loaded('filled.json');
  const schemaOf = kindSchemasOf(schema);
  const stripped = stripTriggers(filled, schemaOf);
  const answer = await fetch('seal', { method: 'POST', body: JSON.stringify(stripped) });
  const sealed: unknown = await answer.json();
  const restored = restoreTriggers(sealed, filled, schemaOf);
  return {
    isFilledValid: Value.Check(schema, filled),
    isRestoredValid: Value.Check(schema, asUnsealed(restored)),
    errors: [...Value.Errors(schema, { config: { slack: { url: 7, colour: 'red' } } })].map(
      ({ instancePath, keyword }) => `${instancePath} ${keyword}`,
    ),
    mayEvaluate: mayEvaluate(),
    stripped,
    restored,
  };
}

async function loaded(path: string): Promise<Record<string, unknown>> {
  return (await (await fetch(path)).json()) as Record<string, unknown>;
}

/** Names as they were before it was sealed, and no seal: so the schema describes it. */
function asUnsealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asUnsealed);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => name !== 'sops');
  return Object.fromEntries(fields.map(([name, inner]) => [name.replace(/_sops$/, ''), asUnsealed(inner)]));
}

/** Whether text can be made a function here: a page with a strict policy forbids it. */
function mayEvaluate(): boolean {
  try {
    Reflect.construct(Function, ['return 1']);
    return true;
  } catch {
    return false;
  }
}

function show(result: object): void {
  document.getElementById('result').textContent = JSON.stringify(result);
}

edit().then(show, (error: unknown) => show({ error: String(error) }));
