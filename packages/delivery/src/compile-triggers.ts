import { type ConfigIssue, type JsonObject, secretValues } from '@aftercommit/models';
import { type TriggerKindRegistry, type ValidatedTrigger, validateTriggers } from '@aftercommit/registry';
import {
  type CompiledTemplate,
  compileTemplate,
  isTemplateError,
  renderPayload,
  shapeOf,
  type TemplateIssue,
  type TemplateVariables,
  trialRender,
  windowShape,
} from '@aftercommit/templating';
import type { CompiledTrigger } from './compiled-trigger.js';
import { identifyTriggers } from './trigger-identity.js';
import { TriggersConfigError } from './triggers-config-error.js';

/** What is known of a materialization when its triggers are checked. */
export type CheckOptions = {
  /** The bound collections: templates are tried with one and with all of them. Undefined: with 1, 2 and 10,000. */
  collectionNames?: readonly string[];
};

/** The triggers that are free of errors, in order, and everything there is to say about the configuration. */
export type CheckedTriggers = { triggers: CompiledTrigger[]; issues: ConfigIssue[] };

/**
 * Checks the value of `triggers` and makes it ready to run. The same check when a configuration is published and when it is
 * run: what passes here never fails later for its shape. Collects every issue, each with its place and what to do.
 */
export function checkTriggers(
  config: unknown,
  registry: TriggerKindRegistry,
  { collectionNames }: CheckOptions = {},
): CheckedTriggers {
  const { triggers: validated, faulty, issues } = validateTriggers(config, registry);
  const identities = identifyTriggers(validated);
  const triggers = validated.flatMap((trigger, index) => {
    const identity = identities[index];
    if (identity === undefined) return [];
    const compiled = compileTemplateOf(trigger, collectionNames);
    const found = [...policyIssues(trigger), ...compiled.issues];
    issues.push(...found.map((issue): ConfigIssue => ({ ...issue, trigger: identity.name })));
    if (compiled.template === undefined || found.length > 0) return [];
    return [ready(trigger, identity, compiled.template, compiled.context)];
  });
  for (const trigger of faulty) {
    const name = trigger.configuredName;
    const found = [...policyIssues(trigger), ...compileTemplateOf(trigger, collectionNames).issues];
    issues.push(...found.map((issue): ConfigIssue => (name === undefined ? issue : { ...issue, trigger: name })));
  }
  return { triggers, issues };
}

/**
 * The triggers of a configuration, ready to run.
 *
 * @throws TriggersConfigError with every issue when one of them is an error. Warnings alone are no reason to stop.
 */
export function compileTriggers(
  config: unknown,
  registry: TriggerKindRegistry,
  options: CheckOptions = {},
): CompiledTrigger[] {
  const { triggers, issues } = checkTriggers(config, registry, options);
  if (issues.some((issue) => issue.severity === 'error')) throw new TriggersConfigError(issues);
  return triggers;
}

function ready(
  trigger: ValidatedTrigger,
  identity: CompiledTrigger['identity'],
  template: CompiledTemplate,
  context: JsonObject,
): CompiledTrigger {
  return {
    ...trigger,
    name: identity.name,
    identity,
    target: trigger.kind.describeTarget(trigger.config),
    secrets: secretValues(trigger.kind.configSchema, trigger.config),
    render: (window) => renderPayload(template, { ...context, ...window }),
  };
}

type Found = Omit<ConfigIssue, 'trigger'>;

function compileTemplateOf(
  trigger: ValidatedTrigger,
  collectionNames: readonly string[] | undefined,
): { template: CompiledTemplate | undefined; context: JsonObject; issues: Found[] } {
  const context = trigger.kind.templateContext?.(trigger.config) ?? {};
  const clash = Object.keys(context).find((name) => Object.hasOwn(windowShape, name));
  if (clash !== undefined) {
    const message = `Trigger kind "${trigger.kind.kind}" offers templates a variable "${clash}", which every window has.`;
    return {
      template: undefined,
      context,
      issues: [{ severity: 'error', code: 'CONFIG_KIND_REFUSED', pointer: trigger.pointer, message }],
    };
  }
  try {
    const own = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, shapeOf(value)]));
    const variables: TemplateVariables = { ...windowShape, ...own };
    const template = compileTemplate(trigger.payloadTemplate, variables);
    const tried = trialRender(template, collectionNames === undefined ? { context } : { collectionNames, context });
    return { template, context, issues: tried.map((issue) => templateIssue(trigger, issue)) };
  } catch (error) {
    if (!isTemplateError(error)) throw error;
    return { template: undefined, context, issues: error.issues.map((issue) => templateIssue(trigger, issue)) };
  }
}

function templateIssue(trigger: ValidatedTrigger, { line, column, message }: TemplateIssue): Found {
  return {
    severity: 'error',
    code: 'CONFIG_TEMPLATE_INVALID',
    pointer: `${trigger.pointer}/payloadTemplate`,
    message: `payloadTemplate, line ${line}, column ${column}: ${message}`,
  };
}

function policyIssues(trigger: ValidatedTrigger): Found[] {
  if (trigger.onFailure === 'block') return [];
  const message = 'onFailure: park is not available in this version. Write block, or leave it out.';
  return [{ severity: 'error', code: 'CONFIG_INVALID', pointer: `${trigger.pointer}/onFailure`, message }];
}
