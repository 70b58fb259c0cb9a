import { TemplateError, type TextPosition } from './template-error.js';

/** An error met while rendering, at its place in the template. The message must not contain a value. */
export function renderError(position: TextPosition, message: string): TemplateError {
  return new TemplateError([{ code: 'TEMPLATE_RENDER', message, ...position }]);
}
