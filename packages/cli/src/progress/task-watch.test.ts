import { SourceError, systemClock } from '@aftercommit/runtime-adapter';
import { expect, test } from 'vitest';
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

test('leaves the message of an error of ours as it is', () => {
  const { watch, shown } = watching('/weather', '1', 'weather');
  const reason = 'acmeCo/views/weather: data.ndjson:1: the line is not JSON';
  expect(watch.fail(new SourceError('DOCUMENT_INVALID', reason))).toBe('DOCUMENT_INVALID');
  expect(shown()).toContain(JSON.stringify(reason));
  expect(watch.progress.failure).toEqual({ code: 'DOCUMENT_INVALID', reason });
});

test.each(['ENOENT', 'SQLITE_ERROR', 'STORE_FENCED', undefined])(
  'takes secrets out of the message and the trace of an error that nobody foresaw: %s',
  (code) => {
    const { watch, shown } = watching('Bearer 0f1e2d3c4b5a');
    const cause = new Error('0f1e2d3c4b5a');
    const error = new Error('cannot open 0f1e2d3c4b5a', { cause });
    expect(watch.fail(Object.assign(error, { code, request: '0f1e2d3c4b5a' }))).toBe('UNEXPECTED');
    expect(watch.progress.failure?.reason).toBe('cannot open [redacted]');
    expect(shown()).toContain('Error: cannot open [redacted]');
    expect(shown()).toContain('task-watch.test.ts');
    expect(shown()).not.toContain('0f1e2d3c4b5a');
  },
);
