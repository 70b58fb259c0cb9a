import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, withSecretsAbsent } from '@aftercommit/models';
import { type ConfigIssue, egressGuard, TriggerKindRegistry, validateTriggers } from '@aftercommit/registry';
import { compileTemplate, isTemplateError, shapeOf, trialRender, windowShape } from '@aftercommit/templating';
import type { KindBench, KindCase } from './kind-bench.js';
import { outsideWorkDuring } from './kind-contacts.js';
import type { KindSubject } from './kind-subject.js';
import { sampleAttempt } from './sample-attempt.js';
import { scriptedEgress } from './scripted-egress.js';
import { turn } from './settling.js';

/** What checking takes at most, in milliseconds: an editor does it while somebody types. */
const longestCheckMs = 500;

/** What a kind says of a configuration, before anything is opened. */
export const configCases: KindCase[] = [
  {
    title: 'accepts a configuration that works',
    async run({ subject }) {
      assert.deepEqual(errorsOf(subject, subject.config), []);
    },
  },
  {
    title: 'refuses a field that it does not have',
    async run({ subject }) {
      const errors = errorsOf(subject, { ...subject.config, 'no-such-field': true });
      assert.ok(errors.length > 0, 'an unknown field passed');
    },
  },
  {
    title: 'finds what is wrong with invalid configurations, where it is',
    async run(bench) {
      for (const { config, pointer } of bench.subject.invalidConfigs ?? []) {
        const errors = errorsOf(bench.subject, config);
        const found = errors.map((issue) => issue.pointer);
        assert.ok(
          found.includes(`/config/0${pointer}`),
          `no error at ${pointer}, but at: ${found.join(', ') || 'none'}`,
        );
      }
    },
  },
  {
    title: 'gives issues as a list, each with a severity, a pointer and a message',
    async run(bench) {
      const { subject } = bench;
      for (const config of [subject.config, ...(subject.invalidConfigs ?? []).map((one) => one.config)]) {
        if (errorsOf(subject, config).some(({ code }) => code !== 'CONFIG_KIND_REFUSED')) continue;
        const issues: unknown = subject.kind.validate?.(bench.complete(config), { egress: egressGuard() }) ?? [];
        assert.ok(
          Array.isArray(issues),
          'validate() gives a list, and no promise of one: it is neither input nor output',
        );
        for (const issue of issues as Array<Record<string, unknown>>) assertIssue(issue);
      }
    },
  },
  {
    title: 'looks at a sealed configuration, whose secret values are absent, without finding fault',
    async run(bench) {
      const { kind } = bench.subject;
      const sealed = withSecretsAbsent(kind.configSchema, bench.complete()) as JsonObject;
      const issues = kind.validate?.(sealed, { egress: egressGuard() }) ?? [];
      assert.deepEqual(
        issues.filter(({ severity }) => severity === 'error'),
        [],
      );
      const target = kind.describeTarget(sealed);
      assert.notEqual(target.trim(), '', 'describeTarget() says nothing without the secret values');
      kind.templateContext?.(sealed);
    },
  },
  {
    title: 'neither contacts anybody nor reads anything to check or describe a configuration, and is quick',
    async run(bench) {
      const { kind } = bench.subject;
      const config = bench.complete();
      const egress = scriptedEgress();
      const began = performance.now();
      const outside = await outsideWorkDuring(bench.scope, async () => {
        bench.scope.run(() => kind.validate?.(config, { egress }));
        bench.scope.run(() => kind.describeTarget(config));
        bench.scope.run(() => kind.templateContext?.(config));
        await turn();
      });
      assert.deepEqual(
        outside,
        [],
        'validate(), describeTarget() and templateContext() look at the configuration alone',
      );
      assert.deepEqual(egress.lookedUp, [], 'validate() resolves no name: ask egress.refusal');
      const tookMs = performance.now() - began;
      assert.ok(tookMs < longestCheckMs, `checking took ${Math.round(tookMs)} ms`);
    },
  },
  {
    title: 'leaves the configuration, the attempt and its variables as they were',
    async run(bench) {
      const { kind } = bench.subject;
      const config = bench.complete();
      const before = structuredClone(config);
      kind.validate?.(config, { egress: egressGuard() });
      kind.describeTarget(config);
      kind.templateContext?.(config);
      const trigger = await bench.open({ config });
      const attempt = sampleAttempt({ deadlineAt: Date.now() + 5000 });
      const { signal: _, ...given } = attempt;
      const givenBefore = structuredClone(given);
      await bench.scope.run(async () => trigger.attempt(attempt));
      await bench.close(trigger);
      // No deepEqual: its message would print the secrets.
      assert.ok(isDeepStrictEqual(config, before), "the configuration was changed: it is the core's, so copy it");
      const { signal: _signal, ...givenAfter } = attempt;
      assert.ok(isDeepStrictEqual(givenAfter, givenBefore), "the attempt was changed: it is the core's, so copy it");
    },
  },
  {
    title: 'gives templates a context of plain JSON, with no name that every window has',
    async run(bench) {
      const context: unknown = bench.subject.kind.templateContext?.(bench.complete());
      if (context === undefined) return;
      assert.ok(isJsonObject(context), 'templateContext() gives an object');
      const isPlain = isDeepStrictEqual(JSON.parse(JSON.stringify(context)), context);
      assert.ok(isPlain, 'templateContext() gives something that JSON cannot say');
      const taken = Object.keys(context).filter((name) => Object.hasOwn(windowShape, name));
      assert.deepEqual(taken, [], 'templateContext() hides what a window says');
    },
  },
  {
    title: 'has a default template, if any, that renders as JSON whatever the window says',
    async run(bench) {
      const { defaultPayloadTemplate } = bench.subject.kind;
      if (defaultPayloadTemplate === undefined) return;
      assert.deepEqual(templateProblems(bench, defaultPayloadTemplate), []);
    },
  },
];

function templateProblems(bench: KindBench, source: string): string[] {
  const context = bench.subject.kind.templateContext?.(bench.complete()) ?? {};
  const own = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, shapeOf(value)]));
  try {
    const template = compileTemplate(source, { ...windowShape, ...own });
    return trialRender(template, { context }).map(({ message }) => message);
  } catch (error) {
    if (!isTemplateError(error)) throw error;
    return error.issues.map(({ message }) => message);
  }
}

function assertIssue({ severity, pointer, message }: Record<string, unknown>): void {
  assert.ok(severity === 'error' || severity === 'warning', 'the severity of an issue is error or warning');
  assert.ok(typeof pointer === 'string' && /^(?:\/|$)/.test(pointer), 'the pointer of an issue is one of JSON: /url');
  assert.ok(typeof message === 'string' && message.trim() !== '', 'the message of an issue says what to do');
}

/** Warnings are the kind's to give. */
function errorsOf({ kind }: KindSubject, config: JsonObject): ConfigIssue[] {
  const trigger = { kind: kind.kind, payloadTemplate: '{}', ...config };
  const { issues } = validateTriggers({ config: [trigger] }, new TriggerKindRegistry([kind]));
  return issues.filter(({ severity }) => severity === 'error');
}
