import fs from 'node:fs';
import { testKindMutants } from '../test/kind-mutant.js';
import { attempting, opening, type PlainHttpConfig, type plainHttp } from '../test/plain-http-kind.js';

const said = 'shows no secret in a reason, an error, a message or on the console, however an attempt ends';
const ofConfigs = 'shows no secret in what it says of a configuration, whatever is wrong with it';
const opened = 'shows no secret when it cannot be opened';
const target = 'describes its target without a secret, a path or a query';

/** A kind whose reason for a refusal says something of its token. */
const reasonWith = (say: (token: string) => string) =>
  attempting(async ({ send, config }) => {
    const outcome = await send();
    if (outcome.outcome !== 'retry') return outcome;
    return { ...outcome, reason: `${outcome.reason}: ${say(config.token ?? '')}` };
  });
const issueWith = (say: (token: string) => string) => (): Partial<typeof plainHttp> => ({
  validate: ({ token = '' }) => [{ severity: 'warning', pointer: '/token', message: `what is ${say(token)}?` }],
});

testKindMutants({
  'shows its token in a reason': { caughtBy: said, differs: reasonWith((token) => token) },
  'shows its token without its scheme': { caughtBy: said, differs: reasonWith((token) => token.slice(7)) },
  'shows its token in base64': { caughtBy: said, differs: reasonWith((token) => btoa(token)) },
  'shows its token in base64url, behind something else': {
    caughtBy: said,
    differs: reasonWith((token) => Buffer.from(`x:${token}`).toString('base64url')),
  },
  'shows the end of its token': { caughtBy: said, differs: reasonWith((token) => `…${token.slice(-9)} is wrong`) },
  'shows the middle of its token': { caughtBy: said, differs: reasonWith((token) => `*${token.slice(9, -2)}**`) },
  'shows its token in what its receiver answered': {
    caughtBy: said,
    differs: attempting(async ({ send, config }) => {
      const outcome = await send();
      return outcome.outcome === 'delivered' ? { ...outcome, answer: `welcome, ${config.token}` } : outcome;
    }),
  },
  'throws its token in a property': {
    caughtBy: said,
    differs: attempting(async ({ send, config }) => {
      const outcome = await send();
      if (outcome.outcome === 'delivered') return outcome;
      throw Object.assign(new Error('it failed'), { request: { headers: { authorization: config.token } } });
    }),
  },
  'throws its token as the name of an error': {
    caughtBy: said,
    differs: attempting(async ({ send, config }) => {
      const outcome = await send();
      if (outcome.outcome === 'delivered') return outcome;
      throw Object.assign(new Error('it failed'), { name: `Failure of ${config.token}` });
    }),
  },
  'writes its token to standard error by the number of the file': {
    caughtBy: said,
    differs: attempting(async ({ send, config }) => {
      fs.writeSync(2, `sent with ${config.token}\n`);
      return send();
    }),
  },
  'shows its token in hex': { caughtBy: said, differs: reasonWith((token) => Buffer.from(token).toString('hex')) },
  'shows its token as it stands in a URL': { caughtBy: said, differs: reasonWith(encodeURIComponent) },
  'shows its token in capitals': { caughtBy: said, differs: reasonWith((token) => token.toUpperCase()) },
  'shows its token when it is rejected': {
    caughtBy: said,
    differs: attempting(async ({ send, config }) => {
      const outcome = await send();
      return outcome.outcome === 'rejected' ? { ...outcome, reason: `not for ${config.token}` } : outcome;
    }),
  },
  'shows its token when it is aborted': {
    caughtBy: said,
    differs: attempting(async ({ send, config }) =>
      send().catch(() => ({ outcome: 'retry', reason: `aborted as ${config.token}` })),
    ),
  },
  'throws its token': {
    caughtBy: said,
    differs: attempting(async ({ send, config }) => {
      const outcome = await send();
      if (outcome.outcome === 'retry') throw new Error(`refused: ${config.token}`);
      return outcome;
    }),
  },
  'throws its token as a cause': {
    caughtBy: said,
    differs: attempting(async ({ send, config }) => {
      const outcome = await send();
      if (outcome.outcome === 'retry') throw new Error('refused', { cause: new Error('as', { cause: config.token }) });
      return outcome;
    }),
  },
  'logs its token': {
    caughtBy: said,
    differs: attempting(async ({ send, config, environment }) => {
      environment.logger.info(`sending as ${config.token}`);
      return send();
    }),
  },
  'logs its token in a field': {
    caughtBy: said,
    differs: attempting(async ({ send, config, environment }) => {
      environment.logger.warn('sending', { headers: { authorization: config.token ?? '' } });
      return send();
    }),
  },
  'prints its token': {
    caughtBy: said,
    differs: attempting(async ({ send, config }) => {
      console.debug('sending', { as: config.token });
      return send();
    }),
  },
  'prints its token to standard error': {
    caughtBy: said,
    differs: attempting(async ({ send, config }) => {
      process.stderr.write(`sending as ${config.token}\n`);
      return send();
    }),
  },
  'shows its token when a host is refused': {
    caughtBy: said,
    differs: attempting(async ({ send, config, environment, attempt }) => {
      const refusal = environment.egress.refusal('127.0.0.1');
      if (refusal === undefined || attempt.signal.aborted) return send();
      return { outcome: 'rejected', reason: `${refusal} (as ${config.token})` };
    }),
  },
  'shows its token in an issue': { caughtBy: ofConfigs, differs: issueWith((token) => token) },
  'shows its token in an issue, in quotes of JSON': {
    caughtBy: ofConfigs,
    differs: issueWith((token) => JSON.stringify(token)),
  },
  'shows a token that no header can carry': {
    caughtBy: ofConfigs,
    differs: () => ({
      validate: ({ token = '' }: PlainHttpConfig) =>
        /[\r\n]/.test(token)
          ? [{ severity: 'error', pointer: '/token', message: `"${token}" has a line break in it` }]
          : [],
    }),
  },
  'throws a token that it cannot check': {
    caughtBy: ofConfigs,
    differs: () => ({
      validate({ token = '' }: PlainHttpConfig) {
        if (token.length > 1000) throw new Error(`too long: ${token}`);
        return [];
      },
    }),
  },
  'describes its target with its token': {
    caughtBy: target,
    differs: () => ({ describeTarget: ({ url, token }: PlainHttpConfig) => `${new URL(url).origin} as ${token}` }),
  },
  'describes its target with its token in base64': {
    caughtBy: target,
    differs: () => ({
      describeTarget: ({ url, token = '' }: PlainHttpConfig) => `${new URL(url).origin}#${btoa(token)}`,
    }),
  },
  'describes its target with its path': {
    caughtBy: target,
    differs: () => ({ describeTarget: ({ url }: PlainHttpConfig) => url }),
  },
  'describes nothing as its target': { caughtBy: target, differs: () => ({ describeTarget: () => ' ' }) },
  'shows a token with which it cannot be opened': {
    caughtBy: opened,
    differs: opening(async (sound, { token = '' }) => {
      if (token.includes('\n')) throw new Error(`${token} cannot be sent`);
      return sound;
    }),
  },
  'shows a token with which it cannot be opened in a property of the error': {
    caughtBy: opened,
    differs: opening(async (sound, { token = '' }) => {
      // Node's own error has what it could not parse as its input.
      if (token.includes('%zz')) new URL(token);
      return sound;
    }),
  },
  'shows a token with which it cannot be opened in a cause': {
    caughtBy: opened,
    differs: opening(async (sound, { token = '' }) => {
      if (token.includes('\0')) throw new Error('cannot be opened', { cause: new TypeError(`${token} is no token`) });
      return sound;
    }),
  },
});
