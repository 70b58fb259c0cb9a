import assert from 'node:assert/strict';
import type { Json, JsonObject } from '@aftercommit/models';
import { egressGuard, type KindIssue } from '@aftercommit/registry';
import { Value } from 'typebox/value';
import { hiddenPartsOfUrl, textsOf, withTexts } from './configured-texts.js';
import type { KindBench, KindCase } from './kind-bench.js';
import { scriptedEgress } from './scripted-egress.js';

/**
 * I8: the core scrubs what a kind says, and a kind does not rely on it: whoever drives it without the core would print it. The
 * messages of these cases say where something was shown, and never what.
 */
export const secretCases: KindCase[] = [
  {
    title: 'shows no secret in a reason, an error, a message or on the console, however an attempt ends',
    async run(bench) {
      const { receiver } = bench.subject;
      const trigger = await bench.open();
      for (const mode of [receiver.accept, receiver.refuse, receiver.reject]) {
        await mode?.call(receiver);
        if (mode !== undefined) await bench.attempt(trigger);
      }
      await receiver.hang?.();
      if (receiver.hang !== undefined) await bench.abortedAttempt(trigger);
      await bench.started(trigger, { signal: AbortSignal.abort() });
      await bench.close(trigger);
      const refused = await bench.open({ egress: scriptedEgress({ refusesHosts: true }) }).catch(() => undefined);
      if (refused !== undefined) await bench.started(refused, { signal: AbortSignal.timeout(300) });
      bench.assertNoSecretSaid('take it out of what is said');
    },
  },
  {
    title: 'shows no secret in what it says of a configuration, whatever is wrong with it',
    async run(bench) {
      const { kind } = bench.subject;
      for (const config of [bench.complete(), ...secretsThatAreOdd(bench), ...invalidConfigs(bench)]) {
        const secrets = [...bench.secrets, ...textsOf(config).filter((text) => text.includes(sentinel))];
        const issues = bench.scope.run(() => answerOf(() => kind.validate?.(config, { egress: egressGuard() })));
        for (const text of textsOf(issues as Json)) bench.voices.heard('an issue of validate()', text);
        // Of a configuration that it has refused, such as a URL that does not parse, a kind need not know the target.
        if (isAccepted(issues)) {
          const target = bench.scope.run(() => answerOf(() => kind.describeTarget(config)));
          bench.voices.heard('describeTarget()', String(target));
        }
        bench.assertNoSecretSaid('say what is wrong with it, and not what it is', secrets);
      }
    },
  },
  {
    title: 'shows no secret when it cannot be opened',
    async run(bench) {
      for (const config of [...secretsThatAreOdd(bench), ...invalidConfigs(bench)]) {
        const secrets = [...bench.secrets, ...textsOf(config).filter((text) => text.includes(sentinel))];
        const egress = scriptedEgress({ refusesHosts: true });
        const trigger = await bench.open({ config, egress }).catch(() => undefined);
        if (trigger !== undefined) await bench.close(trigger);
        bench.assertNoSecretSaid('say what is wrong with it, and not what it is', secrets);
      }
    },
  },
  {
    title: 'describes its target without a secret, a path or a query',
    async run(bench) {
      const { kind, config } = bench.subject;
      const target = kind.describeTarget(bench.complete());
      assert.equal(typeof target, 'string', 'describeTarget() gives a text');
      assert.notEqual(target.trim(), '', 'describeTarget() says where deliveries go');
      bench.voices.heard('describeTarget()', target);
      const hidden = textsOf(config).flatMap(hiddenPartsOfUrl);
      assert.ok(
        !hidden.some((part) => target.includes(part)),
        'describeTarget() shows what can be a token: a path or a query',
      );
      bench.assertNoSecretSaid('describe scheme and host alone');
    },
  },
];

/** What stands in every secret that the cases make up. */
const sentinel = 'cOnf0rmance-Sent1nel';

const oddEndings = ['', '\n', '\r\nX-Other: 1', '\0', ' ', '"', 'é🐙', '%zz', '{{run_id}}', 'x'.repeat(5000)];

/** The configuration with secret values that a kind may find fault with, as far as its schema allows them. */
function secretsThatAreOdd(bench: KindBench): JsonObject[] {
  const { secrets, subject } = bench;
  return oddEndings
    .map((ending) => withTexts(bench.complete(), (text) => (secrets.includes(text) ? sentinel + ending : text)))
    .map((config) => config as JsonObject)
    .filter((config) => Value.Check(subject.kind.configSchema, config));
}

function invalidConfigs(bench: KindBench): JsonObject[] {
  const configs = (bench.subject.invalidConfigs ?? []).map(({ config }) => bench.complete(config));
  // A kind sees a configuration that matches its schema, or none.
  return configs.filter((config) => Value.Check(bench.subject.kind.configSchema, config));
}

/** The answer, or what was thrown instead: people see that, too. */
function answerOf(ask: () => string | KindIssue[] | undefined): unknown {
  try {
    return ask() ?? null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isAccepted(issues: unknown): boolean {
  if (issues === null) return true;
  return Array.isArray(issues) && !issues.some(({ severity }: KindIssue) => severity === 'error');
}
