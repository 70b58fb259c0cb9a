import { checkJson } from './check-json.js';
import type { CompiledTemplate } from './compile-template.js';
import { TemplateError } from './template-error.js';

/**
 * Renders a payload and makes sure that it is JSON.
 *
 * @throws TemplateError `TEMPLATE_RENDER` as `CompiledTemplate.render`, or `TEMPLATE_NOT_JSON`, whose line and column are those of
 *   the payload.
 */
export function renderPayload(template: CompiledTemplate, context: Readonly<Record<string, unknown>>): string {
  const payload = template.render(context);
  const issue = checkJson(payload);
  if (issue !== undefined) throw new TemplateError([issue]);
  return payload;
}
