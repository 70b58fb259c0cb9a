import assert from 'node:assert/strict';
import type { JsonObject } from '@aftercommit/models';
import type { Trigger } from '@aftercommit/registry';
import { withTexts } from './configured-texts.js';
import type { KindBench, KindCase } from './kind-bench.js';
import { contactsDuring } from './kind-contacts.js';
import { refusalSentence, scriptedEgress } from './scripted-egress.js';
import { ScriptedProxy } from './scripted-proxy.js';

/** Names that resolve to a receiver on this machine for those alone who ask the operator's lookup. */
const receiverName = 'receiver.invalid';

/** Not the same: what is connected to the other may be used again. */
const refusedName = 'refused.invalid';

const proxyPassword = 'pr0xy-passw0rd-4711';

const thisMachine = /\b127\.0\.0\.1\b|\[::1\]|\blocalhost\b/g;

/** What the operator lets triggers reach: a kind that connects to hosts does so by the egress that it is given. */
export const egressCases: KindCase[] = [
  {
    title: 'reaches no host that the operator refuses, and is rejected with the words of the operator',
    needs: 'hosts',
    async run(bench) {
      const trigger = await bench.open({ egress: scriptedEgress({ refusesHosts: true }) });
      const received = await bench.receivedDuring(async () => {
        const contacts = await contactsDuring(bench.scope, () => assertRejected(bench, trigger));
        assert.deepEqual(contacts, [], 'ask egress.refusal(host) before anything is connected');
      });
      assert.equal(received.length, 0, 'a host that is refused got a payload');
    },
  },
  {
    title: 'finds a host that the operator refuses when a configuration is checked',
    needs: 'hosts',
    async run(bench) {
      const egress = scriptedEgress({ refusesHosts: true });
      const issues = bench.subject.kind.validate?.(bench.complete(), { egress }) ?? [];
      const isFound = issues.some(({ severity, message }) => severity === 'error' && message.includes(refusalSentence));
      assert.ok(
        isFound,
        'validate() asks egress.refusal of each host that is configured, and gives its words as an error',
      );
    },
  },
  {
    title: 'resolves names by the lookup of the operator',
    needs: 'hosts',
    async run(bench) {
      const config = namedConfig(bench, receiverName);
      if (config === undefined) return;
      const egress = scriptedEgress();
      const trigger = await bench.open({ config, egress });
      const { outcome } = await bench.attempt(trigger);
      // A receiver may not know itself by that name, such as one with a certificate.
      if (outcome !== 'delivered')
        assert.ok(egress.lookedUp.includes(receiverName), 'give egress.lookup to the connection');
    },
  },
  {
    title: 'is rejected when the lookup of the operator refuses a name',
    needs: 'hosts',
    async run(bench) {
      const config = namedConfig(bench, refusedName);
      if (config === undefined) return;
      const trigger = await bench.open({ config, egress: scriptedEgress({ refusesLookups: true }) });
      const received = await bench.receivedDuring(() => assertRejected(bench, trigger));
      assert.equal(received.length, 0);
    },
  },
  {
    title: 'goes through the proxy of the operator, or is not opened',
    needs: 'hosts',
    async run(bench) {
      const proxy = await ScriptedProxy.start();
      try {
        const trigger = await bench
          .open({ egress: scriptedEgress({ proxy: `http://operator:${proxyPassword}@${new URL(proxy.url).host}` }) })
          .catch(() => undefined);
        if (trigger === undefined) return assertProxyHidden(bench);
        const received = await bench.receivedDuring(() => bench.attempt(trigger));
        assert.ok(
          received.length <= proxy.passed,
          'it went past the proxy: use egress.proxy, or let open() fail when there is one',
        );
        assert.ok(proxy.passed > 0, 'an attempt did not ask the proxy: use egress.proxy, or let open() fail');
        await bench.close(trigger);
      } finally {
        await proxy.stop();
      }
      assertProxyHidden(bench);
    },
  },
];

async function assertRejected(bench: KindBench, trigger: Trigger): Promise<void> {
  const outcome = await bench.attempt(trigger);
  assert.equal(outcome.outcome, 'rejected', 'what the operator refuses is rejected: no repetition changes it');
  const isSaid = 'reason' in outcome && outcome.reason.includes(refusalSentence);
  assert.ok(isSaid, 'the reason says why, in the words of the egress: people must know whom to ask');
}

function assertProxyHidden(bench: KindBench): void {
  bench.assertNoSecretSaid("it is the password of the operator's proxy", [proxyPassword]);
}

/** The configuration with a name in the place of this machine's address; undefined: it has none. */
function namedConfig(bench: KindBench, name: string): JsonObject | undefined {
  let isNamed = false;
  const config = withTexts(bench.complete(), (text) =>
    text.replaceAll(thisMachine, () => {
      isNamed = true;
      return name;
    }),
  );
  return isNamed ? (config as JsonObject) : undefined;
}
