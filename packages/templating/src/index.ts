export { checkJson } from './check-json.js';
export { type CompiledTemplate, compileTemplate } from './compile-template.js';
export type { RenderedPayload } from './payload-output.js';
export { renderPayload } from './render-payload.js';
export {
  isTemplateError,
  TemplateError,
  type TemplateErrorCode,
  type TemplateIssue,
  type TextPosition,
} from './template-error.js';
export { shapeOf, type TemplateShape, type TemplateVariables } from './template-shape.js';
export { TemplateTrial } from './template-trial.js';
export type { TrialOptions } from './trial-options.js';
export { trialRender } from './trial-render.js';
export { windowShape } from './window-shape.js';
