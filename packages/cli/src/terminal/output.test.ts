import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { Output } from './output.js';

/** Takes one chunk per turn of the event loop. */
function slow(taken: string[]): Writable {
  return new Writable({
    decodeStrings: false,
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      setImmediate(() => {
        taken.push(chunk);
        done();
      });
    },
  });
}

/** Fails from its second chunk on. */
function failing(code: string): { stream: Writable; chunks: () => number } {
  let chunks = 0;
  const stream = new Writable({
    autoDestroy: false,
    write(_chunk, _encoding, done) {
      chunks += 1;
      done(chunks < 2 ? null : Object.assign(new Error(`write ${code}`), { code }));
    },
  });
  return { stream, chunks: () => chunks };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('ends when a slow reader has taken everything', async () => {
  const taken: string[] = [];
  const output = new Output(slow(taken));
  for (let index = 0; index < 100; index += 1) output.line(String(index));
  expect(taken).toHaveLength(0);
  await output.end();
  expect(taken.filter(Boolean)).toHaveLength(100);
});

test('drops what is written after its reader went away, and says that it did', async () => {
  const { stream, chunks } = failing('EPIPE');
  const output = new Output(stream);
  output.line('one');
  expect(output.closed.aborted).toBe(false);
  output.line('two');
  await turn();
  expect(output.closed.aborted).toBe(true);
  output.line('three');
  await output.end();
  expect(chunks()).toBe(2);
  expect(output.failure).toBeUndefined();
});

test('keeps why it could not be written', async () => {
  const output = new Output(failing('ENOSPC').stream);
  output.line('one');
  output.line('two');
  await output.end();
  expect(output.failure?.message).toBe('write ENOSPC');
});

test('listens to its stream no longer than it writes', async () => {
  const stream = slow([]);
  const output = new Output(stream);
  expect(stream.listenerCount('error')).toBe(1);
  await output.end();
  expect(stream.listenerCount('error')).toBe(0);
});
