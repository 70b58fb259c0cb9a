import { compileTriggers } from '@aftercommit/delivery';
import { type Egress, egressGuard, type TriggerKind, TriggerKindRegistry } from '@aftercommit/registry';
import { scriptedKind } from '@aftercommit/testkit';
import { describe, expect, it } from 'vitest';
import { materialization, SessionBench, triggerConfig } from '../test/session-bench.js';
import { TriggerSession } from './trigger-session.js';

/** A kind that notes what it may reach, and says of its proxy what a client could say. */
function noting(given: Egress[]): TriggerKind {
  return {
    ...scriptedKind(),
    open: async (_config, { egress, logger }) => {
      given.push(egress);
      logger.info(`the proxy is ${egress.proxy}`);
      return { attempt: async () => ({ outcome: 'rejected', reason: `407 from ${egress.proxy}` }) };
    },
  };
}

/** Opens a session with a trigger of that kind, and fires it once. */
async function run(egress?: Egress): Promise<{ given: Egress[]; told: string }> {
  const bench = new SessionBench();
  const given: Egress[] = [];
  const told: unknown[] = [];
  const registry = new TriggerKindRegistry([noting(given)]);
  const session = await TriggerSession.open({
    store: bench.store,
    materialization,
    bindings: [{ collection: 'acme/orders', resourcePath: ['orders'] }],
    triggers: compileTriggers({ config: [triggerConfig('a', { onFailure: 'park' })] }, registry),
    environment: {
      clock: bench.clock,
      logger: { info: (text) => void told.push(text), warn: (text) => void told.push(text) },
      ...(egress && { egress }),
    },
    observe: (event) => void told.push(event),
  });
  await bench.transact(session, 1);
  await bench.acknowledge(session);
  await session.close();
  told.push(await bench.store.read(materialization));
  return { given, told: JSON.stringify(told) };
}

describe('the kinds of a session', () => {
  it('are given the default guard when their host gives none', async () => {
    const { given } = await run();
    expect(given).toHaveLength(1);
    expect(given[0]?.refusal('169.254.169.254')).toContain('link-local');
    expect(given[0]?.refusal('127.0.0.1')).toBeUndefined();
  });

  it('are given what their host gives', async () => {
    const egress = egressGuard({ reach: 'public' });
    expect((await run(egress)).given).toEqual([egress]);
  });

  it('bring no password of the proxy into a log, an event or the store', async () => {
    const { told } = await run(egressGuard({ proxy: 'http://user:s3cret-word@proxy.internal:3128' }));
    expect(told).toContain('the proxy is http://user:[redacted]@proxy.internal:3128');
    expect(told).toContain('407 from http://user:[redacted]@proxy.internal:3128');
    expect(told).not.toContain('s3cret');
  });
});
