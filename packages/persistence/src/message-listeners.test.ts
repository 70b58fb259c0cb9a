import { expect, test } from 'vitest';
import { MessageListeners } from './message-listeners.js';

test('a listener is called for its task alone, until it is ended, as often as it was added', () => {
  const listeners = new MessageListeners();
  const calls: string[] = [];
  const listen = (): void => void calls.push('called');
  const [first, second] = [listeners.add('task', listen), listeners.add('task', listen)];
  listeners.add('another', () => calls.push('another'));
  listeners.tell('task');
  expect(calls).toEqual(['called', 'called']);
  first();
  first();
  expect(listeners.has('task')).toBe(true);
  listeners.tell('task');
  expect(calls.length).toBe(3);
  second();
  expect(listeners.has('task')).toBe(false);
});

test('a listener may end itself and others while it is called', () => {
  const listeners = new MessageListeners();
  const calls: number[] = [];
  const ends = [1, 2, 3].map((number) =>
    listeners.add('task', () => {
      calls.push(number);
      for (const end of ends) end();
    }),
  );
  listeners.tell('task');
  listeners.tell('task');
  expect(calls.slice(3)).toEqual([]);
  expect(listeners.has('task')).toBe(false);
});

test('a listener that comes after the last one left is not ended with it', () => {
  const listeners = new MessageListeners();
  const end = listeners.add('task', () => undefined);
  end();
  listeners.add('task', () => undefined);
  end();
  expect(listeners.has('task')).toBe(true);
});
