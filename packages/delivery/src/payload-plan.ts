import type { ConfigIssue } from '@aftercommit/models';
import type { Redactor } from '@aftercommit/registry/redaction';
import { isTemplateError } from '@aftercommit/templating';
import type { CompiledTrigger } from './compiled-trigger.js';
import type { PreviewWindow } from './preview-window.js';
import type { PayloadPlan } from './triggers-plan.js';

/** The payload that a trigger makes of a window. */
export function payloadPlan(
  trigger: CompiledTrigger,
  { from, window }: PreviewWindow,
  redactor: Redactor,
): PayloadPlan {
  const made = { from, runId: window.run_id };
  try {
    return { ...made, text: redactor.scrub(trigger.render(window)), problem: null };
  } catch (error) {
    if (!isTemplateError(error)) throw error;
    return { ...made, text: null, problem: redactor.scrub(error.message) };
  }
}

/** What is wrong with a payload, if anything is. */
export function payloadIssue({ name, pointer }: CompiledTrigger, { problem, runId }: PayloadPlan): ConfigIssue[] {
  if (problem === null) return [];
  return [
    {
      severity: 'error',
      code: 'CONFIG_TEMPLATE_INVALID',
      pointer: `${pointer}/payloadTemplate`,
      trigger: name,
      message: `The payload for run ${runId} cannot be made, and its delivery would be rejected: ${problem}`,
    },
  ];
}
