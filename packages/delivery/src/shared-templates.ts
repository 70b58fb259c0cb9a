import type { TriggerKindRegistry } from '@aftercommit/registry';
import {
  type CompiledTemplate,
  compileTemplate,
  type TemplateShape,
  TemplateTrial,
  windowShape,
} from '@aftercommit/templating';

/** A template, ready to run, for every trigger that has it. */
export type SharedTemplate = {
  readonly template: CompiledTemplate;
  readonly trial: TemplateTrial;
};

/** The variables that a kind adds to those of every window. */
export type OwnVariables = Readonly<Record<string, TemplateShape>>;

/**
 * The templates that triggers of one program have. Thousands of tasks often have a handful: each is read, tried and kept
 * once. One that no trigger has any more is let go.
 */
export class SharedTemplates {
  readonly #templates = new Map<string, WeakRef<SharedTemplate>>();
  readonly #collected = new FinalizationRegistry<string>((key) => {
    if (this.#templates.get(key)?.deref() === undefined) this.#templates.delete(key);
  });

  /** @throws TemplateError of `@aftercommit/templating`: a template that cannot be compiled is not kept. */
  compile(source: string, own: OwnVariables): SharedTemplate {
    // The same text says something else where other variables are known.
    const key = `${JSON.stringify(own)} ${source}`;
    const known = this.#templates.get(key)?.deref();
    if (known !== undefined) return known;
    const template = compileTemplate(source, { ...own, ...windowShape });
    const shared = { template, trial: new TemplateTrial(template) };
    this.#templates.set(key, new WeakRef(shared));
    this.#collected.register(shared, key);
    return shared;
  }
}

/** They hang on the caller's own registry, and are forgotten with it. */
const templatesOf = new WeakMap<TriggerKindRegistry, SharedTemplates>();

export function sharedTemplates(registry: TriggerKindRegistry): SharedTemplates {
  const known = templatesOf.get(registry);
  if (known !== undefined) return known;
  const templates = new SharedTemplates();
  templatesOf.set(registry, templates);
  return templates;
}
