import { PassThrough } from 'node:stream';
import { type TestIo, testIo } from './command-line-bench.js';

/** A person at a terminal, which has no colours unless the environment is given. */
export type TypingIo = TestIo & {
  /** Presses keys once the text stands on the terminal. */
  type(after: string, keys: string): Promise<void>;
};

export function typingIo(cwd: string, env: Record<string, string> = { NO_COLOR: '1' }): TypingIo {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const io = testIo(cwd, { stdin, isTTY: true, env });
  return Object.assign(io, {
    async type(after: string, keys: string): Promise<void> {
      await io.stderr.until(after);
      stdin.write(keys);
    },
  });
}
