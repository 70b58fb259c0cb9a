import { expect, it } from 'vitest';
import { leaseTimes } from './lease-times.js';

it('a lease is over here before it is over for others, who have time left, and an answer that does not come is no end', () => {
  const { renewEveryMs, answerWithinMs, ownMs, othersMs } = leaseTimes(5_000);
  expect([ownMs, othersMs]).toEqual([4_250, 4_500]);
  expect(renewEveryMs + answerWithinMs).toBeLessThan(ownMs - 500);
});
