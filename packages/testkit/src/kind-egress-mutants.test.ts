import { lookup } from 'node:dns';
import { once } from 'node:events';
import { request } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import { egressGuard } from '@aftercommit/registry';
import { testKindMutants } from '../test/kind-mutant.js';
import { attempting, opening, plainHttp, post } from '../test/plain-http-kind.js';

const refused = 'reaches no host that the operator refuses, and is rejected with the words of the operator';
const checked = 'finds a host that the operator refuses when a configuration is checked';
const named = 'resolves names by the lookup of the operator';
const namedRefused = 'is rejected when the lookup of the operator refuses a name';
const proxied = 'goes through the proxy of the operator, or is not opened';

testKindMutants({
  'asks nobody whether it may reach a host': {
    caughtBy: refused,
    differs: opening(async (_sound, { url }, environment) => ({
      attempt: (attempt) => post(url, attempt, { environment: { ...environment, egress: egressGuard() } }),
    })),
  },
  'relies on the lookup alone, which no literal address needs': {
    caughtBy: refused,
    differs: opening(async (_sound, { url }, environment) => {
      const { lookup: ask } = environment.egress;
      const egress = { refusal: () => undefined, lookup: ask };
      return { attempt: (attempt) => post(url, attempt, { environment: { ...environment, egress } }) };
    }),
  },
  'connects before it asks': {
    caughtBy: refused,
    differs: opening(async (sound, { url }) => ({
      async attempt(attempt) {
        await fetch(url, { method: 'HEAD' });
        return sound.attempt(attempt);
      },
    })),
  },
  'tries again what the operator refuses': {
    caughtBy: refused,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      return outcome.outcome === 'rejected' ? { ...outcome, outcome: 'retry' } : outcome;
    }),
  },
  'keeps to itself why a host is refused': {
    caughtBy: refused,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      return outcome.outcome === 'rejected' ? { ...outcome, reason: 'not allowed' } : outcome;
    }),
  },
  'does not check its hosts': { caughtBy: checked, differs: () => ({ validate: () => [] }) },
  'warns only of a host that is refused': {
    caughtBy: checked,
    differs: () => ({
      validate: (config, given) =>
        (plainHttp.validate?.(config, given) ?? []).map((issue) => ({ ...issue, severity: 'warning' as const })),
    }),
  },
  'resolves names by itself': {
    caughtBy: named,
    differs: opening(async (_sound, { url }, environment) => {
      const { refusal } = environment.egress;
      const egress = { refusal, lookup };
      return { attempt: (attempt) => post(url, attempt, { environment: { ...environment, egress } }) };
    }),
  },
  'tries again when the lookup is refused': {
    caughtBy: namedRefused,
    differs: attempting(async ({ send }) => {
      const outcome = await send();
      return outcome.outcome === 'rejected' ? { ...outcome, outcome: 'retry' } : outcome;
    }),
  },
  'asks the lookup, and connects whatever it says': {
    caughtBy: namedRefused,
    differs: attempting(async ({ attempt, config, environment }) => {
      const { lookup: ask, refusal } = environment.egress;
      await new Promise<void>((resolve) => ask(new URL(config.url).hostname, {}, () => resolve()));
      const egress = { refusal, lookup: ask };
      return post(config.url.replace('refused.invalid', '127.0.0.1'), attempt, {
        environment: { ...environment, egress },
      });
    }),
  },
  'goes past the proxy': {
    caughtBy: proxied,
    differs: () => ({
      open: async ({ url }, environment) => ({ attempt: (attempt) => post(url, attempt, { environment }) }),
    }),
  },
  'asks the proxy, and goes past it as well': {
    caughtBy: proxied,
    differs: () => ({
      open: async ({ url }, environment) => ({
        async attempt(attempt) {
          const { proxy } = environment.egress;
          const { host } = new URL(url);
          if (proxy !== undefined) {
            const asked = request({ ...urlToHttpOptions(new URL(proxy)), method: 'CONNECT', path: host, agent: false });
            asked.end();
            const [, socket] = await once(asked, 'connect');
            socket.destroy();
            await post(url, attempt, { environment });
          }
          return post(url, attempt, { environment });
        },
      }),
    }),
  },
  'is opened with a proxy, and sends nothing then': {
    caughtBy: proxied,
    differs: () => ({
      open: async ({ url }, environment) => ({
        attempt: async (attempt) =>
          environment.egress.proxy === undefined
            ? post(url, attempt, { environment })
            : { outcome: 'retry', reason: 'there is a proxy' },
      }),
    }),
  },
  'goes past the proxy when it fails': {
    caughtBy: proxied,
    differs: () => ({
      open: async ({ url }, environment) => ({
        async attempt(attempt) {
          const { proxy } = environment.egress;
          if (proxy !== undefined) await fetch(proxy).catch(() => undefined);
          await post(url, attempt, { environment });
          return post(url, attempt, { environment });
        },
      }),
    }),
  },
});
