import type { ConfigIssue } from '@aftercommit/models';
import {
  type TriggerKindRegistry,
  type ValidatedTrigger,
  type ValidateOptions,
  validateTriggers,
} from '@aftercommit/registry';
import { configSecrets } from '@aftercommit/registry/redaction';
import { isTemplateError, renderPayload, shapeOf, type TemplateIssue } from '@aftercommit/templating';
import type { CompiledTrigger, DraftTrigger } from './compiled-trigger.js';
import { type SharedTemplate, type SharedTemplates, sharedTemplates } from './shared-templates.js';
import { identifyTriggers } from './trigger-identity.js';
import { TriggersConfigError } from './triggers-config-error.js';

/** What is known of a materialization when its triggers are checked. */
export type CheckOptions = ValidateOptions & {
  /** The bound collections: templates are tried with one and with all of them. Undefined: with 1, 2 and 10,000. */
  collectionNames?: readonly string[];
};

/** What a configuration consists of, and everything there is to say about it. */
export type CheckedTriggers = {
  /** Those without an error, in the order of the configuration. They may be run only when no trigger has one. */
  triggers: CompiledTrigger[];
  /** The same, in their order, and those with which only the template is wrong: what they would send can be looked at. */
  drafts: DraftTrigger[];
  /** Errors and warnings, each with its place. Empty: there is nothing to say. */
  issues: ConfigIssue[];
};

/**
 * Checks the value of `triggers` and makes it ready to run. The same check when a configuration is published and when it is
 * run: what passes here never fails later for its shape. Collects every issue, each with its place and what to do.
 */
export function checkTriggers(
  config: unknown,
  registry: TriggerKindRegistry,
  { collectionNames, ...options }: CheckOptions = {},
): CheckedTriggers {
  const { triggers: validated, faulty, issues } = validateTriggers(config, registry, options);
  const identities = identifyTriggers(validated);
  const templates = sharedTemplates(registry);
  const triggers: CompiledTrigger[] = [];
  const drafts = validated.flatMap((trigger, index) => {
    const identity = identities[index];
    if (identity === undefined) return [];
    const { shared, issues: found } = compileTemplateOf(trigger, templates, collectionNames);
    issues.push(...found.map((issue): ConfigIssue => ({ ...issue, trigger: identity.name })));
    if (shared === undefined || found.length > 0) return [draftOf(trigger, identity)];
    const compiled = ready(trigger, identity, shared);
    triggers.push(compiled);
    return [compiled];
  });
  for (const trigger of faulty) {
    const name = trigger.configuredName;
    const found = compileTemplateOf(trigger, templates, collectionNames).issues;
    issues.push(...found.map((issue): ConfigIssue => (name === undefined ? issue : { ...issue, trigger: name })));
  }
  return { triggers, drafts, issues };
}

/**
 * The triggers of a configuration, ready to run.
 *
 * @throws TriggersConfigError `TRIGGERS_CONFIG_INVALID` with every issue when one of them is an error. Warnings alone are no reason to stop.
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

/**
 * Thousands of these are kept: written out, because V8 gives an object that is spread from another a layout of its own,
 * which takes more than the object.
 */
function ready(
  trigger: ValidatedTrigger,
  identity: CompiledTrigger['identity'],
  shared: SharedTemplate,
): CompiledTrigger {
  const { pointer, configuredName, kind, timeoutMs, maxAttempts, intervalMs, onFailure, config, target } = trigger;
  const { sealedTarget, templateContext } = trigger;
  return {
    pointer,
    configuredName,
    kind,
    payloadTemplate: shared.template.source,
    timeoutMs,
    maxAttempts,
    intervalMs,
    onFailure,
    config,
    target,
    sealedTarget,
    templateContext,
    name: identity.name,
    identity,
    secrets: configSecrets(kind.configSchema, config, target),
    render: (window) => renderPayload(shared.template, { ...templateContext, ...window }),
  };
}

function draftOf(trigger: ValidatedTrigger, identity: CompiledTrigger['identity']): DraftTrigger {
  const { kind, config, target } = trigger;
  return { ...trigger, name: identity.name, identity, secrets: configSecrets(kind.configSchema, config, target) };
}

type Found = Omit<ConfigIssue, 'trigger'>;

function compileTemplateOf(
  trigger: ValidatedTrigger,
  templates: SharedTemplates,
  collectionNames: readonly string[] | undefined,
): { shared: SharedTemplate | undefined; issues: Found[] } {
  const context = trigger.templateContext;
  try {
    const own = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, shapeOf(value)]));
    const shared = templates.compile(trigger.payloadTemplate, own);
    const tried = shared.trial.run(collectionNames === undefined ? { context } : { collectionNames, context });
    return { shared, issues: tried.map((issue) => templateIssue(trigger, issue)) };
  } catch (error) {
    if (!isTemplateError(error)) throw error;
    return { shared: undefined, issues: error.issues.map((issue) => templateIssue(trigger, issue)) };
  }
}

function templateIssue(trigger: ValidatedTrigger, { line, column, message }: TemplateIssue): Found {
  const { kind, payloadTemplate } = trigger;
  const whose = payloadTemplate === kind.defaultPayloadTemplate ? `, the default of kind "${kind.kind}"` : '';
  return {
    severity: 'error',
    code: 'CONFIG_TEMPLATE_INVALID',
    pointer: trigger.templatePointer ?? `${trigger.pointer}/payloadTemplate`,
    message: `payloadTemplate${whose}, line ${line}, column ${column}: ${message}`,
  };
}
