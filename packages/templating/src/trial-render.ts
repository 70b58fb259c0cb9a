import type { CompiledTemplate } from './compile-template.js';
import { findJsonError } from './json-position.js';
import { hostileTexts, type Sample, sampleContext } from './sample-context.js';
import { isTemplateError, type TemplateIssue } from './template-error.js';

/** What is known, when a template is published, of the values it will meet. */
export type TrialOptions = {
  /** The bound collections. Undefined when they are not known: then the trial takes one, two and 10,000 invented names. An empty list counts as not known. */
  readonly collectionNames?: readonly string[];
  /** Values of variables that are known by now, such as `headers`. Those that are left out are invented from their shape. */
  readonly context?: Readonly<Record<string, unknown>>;
};

/**
 * Renders a template as it may be rendered later (one collection, all of them, values left out, hostile values) and checks that every
 * payload is JSON. Empty when all is well. One issue per place in the template, with the line and column **of the template** and the
 * first of the renders that showed it; hostile values are tried only on a template that stands the ordinary ones.
 */
export function trialRender(template: CompiledTemplate, options: TrialOptions = {}): TemplateIssue[] {
  const counts = nameLists(options.collectionNames ?? []);
  const ordinary = counts.flatMap((collectionNames) => ordinarySamples(collectionNames));
  const issues = tryAll(template, ordinary, options);
  return issues.length > 0 ? issues : tryAll(template, counts.slice(0, 2).flatMap(hostileSamples), options);
}

function nameLists(collectionNames: readonly string[]): (readonly string[])[] {
  if (collectionNames.length === 0) return [1, 2, 10_000].map(inventNames);
  return collectionNames.length === 1 ? [collectionNames] : [collectionNames.slice(0, 1), collectionNames];
}

function inventNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `example/collection-${index + 1}`);
}

function ordinarySamples(collectionNames: readonly string[]): Sample[] {
  const description = describeCount(collectionNames);
  const sample: Sample = { description, collectionNames, text: 'example', replacesContext: false, leavesOut: false };
  return [
    sample,
    { ...sample, description: `${description} and without an image or times of publication`, leavesOut: true },
  ];
}

function hostileSamples(collectionNames: readonly string[]): Sample[] {
  return hostileTexts.map(([name, text]) => ({
    description: `${describeCount(collectionNames)} and ${name} in every string`,
    collectionNames: collectionNames.map((_, index) => `${text}${index}`),
    text,
    replacesContext: true,
    leavesOut: false,
  }));
}

function describeCount({ length }: readonly string[]): string {
  return length === 1 ? 'with one collection' : `with ${length} collections`;
}

function tryAll(template: CompiledTemplate, samples: readonly Sample[], options: TrialOptions): TemplateIssue[] {
  const byPlace = new Map<string, TemplateIssue>();
  for (const sample of samples) {
    for (const issue of tryOne(template, sample, options.context ?? {})) {
      const place = `${issue.code} ${issue.line}:${issue.column}`;
      if (!byPlace.has(place))
        byPlace.set(place, { ...issue, message: `${issue.message} Seen ${sample.description}.` });
    }
  }
  return [...byPlace.values()];
}

function tryOne(
  template: CompiledTemplate,
  sample: Sample,
  context: Readonly<Record<string, unknown>>,
): readonly TemplateIssue[] {
  try {
    const payload = template.trace(sampleContext(template.variables, sample, context));
    const offset = findJsonError(payload.text);
    if (offset === undefined) return [];
    const message =
      offset === payload.text.length
        ? 'The payload is not JSON: it ends too early.'
        : 'The payload is not JSON from here on: look for a missing quote or comma, or use {{json x}} for a whole value.';
    return [{ code: 'TEMPLATE_NOT_JSON', message, ...payload.templatePositionAt(offset) }];
  } catch (error) {
    if (isTemplateError(error)) return error.issues;
    throw error;
  }
}
