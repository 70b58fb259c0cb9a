import { egressGuard } from '@aftercommit/registry';
import { kindConformance, sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { mail } from './my-kind.js';
import { SmtpServer } from './smtp-server.js';

const server = new SmtpServer();
const config = {
  host: '127.0.0.1',
  port: await server.listen(),
  secure: false,
  from: 'data@example.com',
  to: ['you@example.com', 'me@example.com'],
  subject: 'New data ☂',
};

beforeEach(() => {
  server.answer = '250 OK';
});

afterAll(() => server.close());

/** @param {string | undefined} answer */
const answers = (answer) => () => {
  server.answer = answer;
};

describe('keeps the contract of trigger kinds:', () => {
  const cases = kindConformance({
    kind: mail,
    config,
    invalidConfigs: [
      { config: { ...config, to: [] }, pointer: '/to' },
      { config: { ...config, from: 'a@example.com>\r\nRCPT TO:<b@example.com' }, pointer: '/from' },
      { config: { ...config, password: 'secret' }, pointer: '/user' },
      { config: { ...config, user: 'me', password: 'secret' }, pointer: '/secure' },
    ],
    receiver: {
      received: async () => server.mails.map(({ id, text }) => ({ idempotencyKey: id, payload: text })),
      accept: answers('250 OK'),
      refuse: answers('451 try again later'),
      reject: answers('554 no such list'),
      hang: answers(undefined),
    },
  });
  for (const { title, run, skip } of cases) test.skipIf(skip !== undefined)(title, run);
});

/** @param {Parameters<typeof sampleEnvironment>[0]} [given] */
async function attemptOnce(given) {
  const trigger = await mail.open(config, sampleEnvironment(given));
  return await trigger.attempt(sampleAttempt({ payload: '"4 new days"' }));
}

test('the server says whether it may work later', async () => {
  server.answer = '452 mailbox full';
  expect(await attemptOnce()).toEqual({ outcome: 'retry', reason: 'the server said 452 mailbox full' });
  server.answer = '550-no such user\r\n550 look at the address';
  expect(await attemptOnce()).toEqual({
    outcome: 'rejected',
    reason: 'the server said 550 no such user look at the address',
  });
});

test('the mail has the payload as its text, and the subject in any alphabet', async () => {
  await attemptOnce();
  expect(server.mails.at(-1)).toMatchObject({ subject: 'New data ☂', text: '"4 new days"' });
});

test('nothing is sent where the operator lets nothing through', async () => {
  const before = server.mails.length;
  const egress = egressGuard({ reach: 'public' });
  expect(await attemptOnce({ egress })).toMatchObject({ outcome: 'rejected' });
  expect(server.mails).toHaveLength(before);
});
