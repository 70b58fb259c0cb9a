import { systemClock } from '@aftercommit/runtime-adapter';
import { expect, test } from 'vitest';
import { told } from '../test/session-story.js';
import { TaskWatch } from './task-watch.js';

/** A watch of a task with such secrets, and what it shows. */
function watching(...secrets: string[]): { watch: TaskWatch; shown: () => string } {
  const shown: unknown[] = [];
  const presenter = {
    observe: (event: unknown) => void shown.push(event),
    say: (message: string) => void shown.push(message),
    close: async () => {},
  };
  const task = {
    name: 'acmeCo/views/weather',
    triggers: [{ name: 'dbt', secrets }],
  } as unknown as ConstructorParameters<typeof TaskWatch>[0];
  const { signal: stop } = new AbortController();
  return { watch: new TaskWatch(task, { presenter, clock: systemClock, stop }), shown: () => JSON.stringify(shown) };
}

test.each([
  ['CHECKPOINT_DIVERGED', 'acmeCo/views/weather: the endpoint is ahead'],
  ['DOCUMENT_INVALID', 'acmeCo/views/weather: data.ndjson, line 1: the line is not JSON'],
  ['DELIVERY_EXHAUSTED', 'Trigger "dbt" failed after 1 attempt, last with: HTTP 500: [redacted]'],
])('leaves the message of an error of ours as it is: %s', (code, reason) => {
  const { watch, shown } = watching('/weather', '1', 'weather');
  watch.observe(told({ event: 'failed', code, reason }));
  expect(shown()).toContain(JSON.stringify(reason));
  expect(watch.progress.failure).toEqual({ code, reason });
});

test.each(['UNEXPECTED', 'ENOENT', 'ERR_INVALID_URL', 'SQLITE_ERROR', 'MY_STORE_FENCED'])(
  'takes secrets out of the message of an error that nobody foresaw: %s',
  (code) => {
    const { watch, shown } = watching('0f1e2d3c4b5a');
    watch.observe(told({ event: 'failed', code, reason: 'cannot open 0f1e2d3c4b5a' }));
    expect(shown()).toContain('cannot open [redacted]');
    expect(shown()).not.toContain('0f1e2d3c4b5a');
  },
);
