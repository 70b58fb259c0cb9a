import type { CompiledTemplate } from './compile-template.js';
import type { TemplateIssue } from './template-error.js';
import { TemplateTrial } from './template-trial.js';
import type { TrialOptions } from './trial-options.js';

/**
 * Renders a template as it may be rendered later (one collection, all of them, values left out, hostile values) and checks that every
 * payload is JSON. Empty when all is well. One issue per place in the template, with the line and column **of the template** and the
 * first of the renders that showed it; hostile values are tried only on a template that stands the ordinary ones.
 */
export function trialRender(template: CompiledTemplate, options: TrialOptions = {}): TemplateIssue[] {
  return new TemplateTrial(template).run(options);
}
