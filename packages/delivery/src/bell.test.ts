import { expect, it } from 'vitest';
import { Bell } from './bell.js';

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

it('a bell wakes who waits, each time it is rung', async () => {
  const bell = new Bell();
  const woken: number[] = [];
  for (const time of [1, 2]) {
    const rung = bell.rung().then(() => woken.push(time));
    await turn();
    expect(woken.length).toBe(time - 1);
    bell.ring();
    await rung;
  }
  expect(woken).toEqual([1, 2]);
});

it('a bell that was rung twice while nobody waited wakes once', async () => {
  const bell = new Bell();
  bell.ring();
  bell.ring();
  await bell.rung();
  let isWoken = false;
  void bell.rung().then(() => {
    isWoken = true;
  });
  await turn();
  expect(isWoken).toBe(false);
});
