import type { Readable } from 'node:stream';
import { InterruptedError, UsageError } from '../errors/usage-error.js';
import { type CommandLineIo, isTerminal } from '../terminal/command-line-io.js';

/** A terminal whose keys can be read one by one, without showing them. */
type Keyboard = Readable & { isTTY: true; setRawMode(isRaw: boolean): unknown };

const finished = new Set(['\r', '\n', '\u0004']);
const interrupted = '\u0003';
const deleted = new Set(['\b', '\u007f']);

/**
 * A value that nobody may see: typed at a prompt without being shown, or all of standard input without its last line end.
 *
 * @throws UsageError when it is empty, InterruptedError when Ctrl-C was pressed at the prompt.
 */
export async function readSecret(prompt: string, { stdin, stderr, env }: CommandLineIo): Promise<string> {
  const isAsked = isKeyboard(stdin) && isTerminal(stderr, env);
  if (isAsked) stderr.write(prompt);
  const text = isAsked ? await typed(stdin) : await piped(stdin);
  if (isAsked) stderr.write('\n');
  if (text !== '') return text;
  throw new UsageError('No value was given: type it at the prompt, or give it on standard input. Nothing was changed.');
}

function isKeyboard(stream: Readable): stream is Keyboard {
  return 'isTTY' in stream && stream.isTTY === true && 'setRawMode' in stream;
}

async function piped(stdin: Readable): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return new TextDecoder().decode(Buffer.concat(chunks)).replace(/\r?\n$/, '');
}

function typed(keyboard: Keyboard): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new TextDecoder();
    const keys: string[] = [];
    const end = (settle: () => void): void => {
      keyboard.off('data', read).off('end', ended);
      keyboard.setRawMode(false);
      keyboard.pause();
      settle();
    };
    const ended = (): void => end(() => resolve(keys.join('')));
    const read = (chunk: Uint8Array): void => {
      for (const key of decoder.decode(chunk, { stream: true })) {
        if (key === interrupted) end(() => reject(new InterruptedError('Interrupted. Nothing was changed.')));
        else if (finished.has(key)) ended();
        if (key === interrupted || finished.has(key)) return;
        if (deleted.has(key)) keys.pop();
        else keys.push(key);
      }
    };
    keyboard.setRawMode(true);
    // Who read lines before has paused it.
    keyboard.on('data', read).once('end', ended).resume();
  });
}
