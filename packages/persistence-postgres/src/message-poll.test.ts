import { StoreError } from '@aftercommit/persistence';
import { ManualClock } from '@aftercommit/testkit';
import { expect, test } from 'vitest';
import { MessagePoll, type Standing } from './message-poll.js';

const standing: Standing = { task: 'task', owner: 'owner', epoch: 1n, messages: 0n };

test('goes on looking after a look that failed, and tells what it missed', async () => {
  const clock = new ManualClock();
  const answers: Array<Standing[] | StoreError> = [
    [],
    new StoreError('STORE_UNAVAILABLE', 'the server is away'),
    [{ ...standing, messages: 1n }],
    [],
  ];
  const asked: Array<readonly Standing[]> = [];
  const poll = new MessagePoll(
    async (seen) => {
      asked.push(seen);
      const answer = answers.shift() ?? [];
      if (answer instanceof StoreError) throw answer;
      return answer;
    },
    (durationMs, signal) => clock.sleep(durationMs, signal),
  );
  let told = 0;
  const stop = poll.listen(standing, () => {
    told += 1;
  });
  const toldAt: number[] = [];
  for (let second = 0; second < 4; second += 1) {
    await clock.advance(1_000);
    toldAt.push(told);
  }
  expect(toldAt).toEqual([0, 0, 1, 1]);
  expect(asked.at(-1)).toEqual([{ ...standing, messages: 1n }]);
  stop();
  await clock.advance(5_000);
  expect(asked).toHaveLength(4);
  expect(clock.sleepers).toHaveLength(0);
});
