import type { CompiledTemplate } from './compile-template.js';
import { findJsonError } from './json-position.js';
import { type Sample, sampleContext } from './sample-context.js';
import { isTemplateError, type TemplateIssue } from './template-error.js';
import type { TrialOptions } from './trial-options.js';
import { hostileSamples, inventedCounts, inventedSamples, namesToTry, ordinarySamples } from './trial-samples.js';
import { windowShape } from './window-shape.js';

type Context = Readonly<Record<string, unknown>>;

/**
 * The trial renders of one template, for all who have it: what does not depend on their own values is rendered once. Of renders
 * in which all that the template reads is the same, the first stands for the others.
 */
export class TemplateTrial {
  readonly #template: CompiledTemplate;
  /** By the number of collections: nothing of what is known of a trigger is in them. */
  readonly #hostile = new Map<number, readonly TemplateIssue[]>();
  /** With invented names: of a template that reads nothing of what triggers give. */
  #invented: readonly TemplateIssue[] | undefined;

  /** Renders nothing yet: `run` does. */
  constructor(template: CompiledTemplate) {
    this.#template = template;
  }

  /** As `trialRender`. */
  run({ collectionNames = [], context = {} }: TrialOptions = {}): TemplateIssue[] {
    const issues =
      collectionNames.length === 0
        ? this.#tryInvented(context)
        : this.#tryAll(namesToTry(collectionNames).flatMap(ordinarySamples), context);
    if (issues.length > 0) return [...issues];
    const counts =
      collectionNames.length === 0 ? inventedCounts : namesToTry(collectionNames).map(({ length }) => length);
    return oneForEachPlace(counts.slice(0, 2).flatMap((count) => this.#tryHostile(count)));
  }

  #tryInvented(context: Context): readonly TemplateIssue[] {
    if (!this.#isSameForAll(context)) return this.#tryAll(inventedSamples(), context);
    this.#invented ??= this.#tryAll(inventedSamples(), context);
    return this.#invented;
  }

  #tryHostile(count: number): readonly TemplateIssue[] {
    const known = this.#hostile.get(count);
    if (known !== undefined) return known;
    const issues = this.#tryAll(hostileSamples(count), {});
    this.#hostile.set(count, issues);
    return issues;
  }

  #tryAll(samples: readonly Sample[], context: Context): TemplateIssue[] {
    const tried: Array<ReadonlyMap<string, unknown>> = [];
    const issues = samples.flatMap((sample) => {
      const values = sampleContext(this.#template, sample, context);
      if (tried.some((before) => isSame(before, values))) return [];
      tried.push(values);
      const seen = `Seen ${sample.description}.`;
      return tryOne(this.#template, values).map((issue) => ({ ...issue, message: `${issue.message} ${seen}` }));
    });
    return oneForEachPlace(issues);
  }

  /** Whether it reads nothing but windows, and the context gives nothing of them. */
  #isSameForAll(context: Context): boolean {
    const { variablesRead } = this.#template;
    if (variablesRead === undefined) return false;
    return [...variablesRead].every((name) => Object.hasOwn(windowShape, name) && !Object.hasOwn(context, name));
  }
}

/** Whether all that the template reads is the same in both. */
function isSame(left: ReadonlyMap<string, unknown>, right: ReadonlyMap<string, unknown>): boolean {
  for (const [name, value] of left) if (right.get(name) !== value) return false;
  return true;
}

function oneForEachPlace(issues: readonly TemplateIssue[]): TemplateIssue[] {
  const byPlace = new Map<string, TemplateIssue>();
  for (const issue of issues) {
    const place = `${issue.code} ${issue.line}:${issue.column}`;
    if (!byPlace.has(place)) byPlace.set(place, issue);
  }
  return [...byPlace.values()];
}

function tryOne(template: CompiledTemplate, values: ReadonlyMap<string, unknown>): readonly TemplateIssue[] {
  try {
    const payload = template.trace(Object.fromEntries(values));
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
