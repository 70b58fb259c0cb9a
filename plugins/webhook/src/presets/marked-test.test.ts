import { sampleAttempt } from '@aftercommit/testkit';
import { expect, test } from 'vitest';
import { markedClientPayload, markedMessage } from './marked-test.js';

const ten = JSON.stringify(Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`field${index}`, index])));

test.each([
  ['{"a":1.50,"b":[]}', '{"aftercommit_test":true,"a":1.50,"b":[]}'],
  [' {\n"a":1}', '{"aftercommit_test":true,\n"a":1}'],
  ['{}', '{"aftercommit_test":true}'],
  ['{ }', '{"aftercommit_test":true }'],
  [ten, ten],
  ['[1]', '[1]'],
  ['"a text"', '"a text"'],
])('a client_payload %s becomes %s', (payload, marked) => {
  expect(markedClientPayload(sampleAttempt({ payload, isTest: true }))).toBe(marked);
  expect(markedClientPayload(sampleAttempt({ payload }))).toBe(payload);
});

test.each([
  ['{"text":"hello","mrkdwn":false}', '{"text":"[test] hello","mrkdwn":false}'],
  ['{"blocks":[]}', '{"blocks":[]}'],
  ['"hello"', '"hello"'],
])('a message %s becomes %s', (payload, marked) => {
  expect(markedMessage(sampleAttempt({ payload, isTest: true }))).toBe(marked);
  expect(markedMessage(sampleAttempt({ payload }))).toBe(payload);
});
