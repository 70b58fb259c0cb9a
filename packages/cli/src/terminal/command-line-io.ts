import type { Readable, Writable } from 'node:stream';
import type { Clock } from '@aftercommit/registry';

/** Everything the command line takes from its process, so that a test needs none. `processIo` is the real one. */
export interface CommandLineIo {
  /** Where specs and payloads are read from that arguments give as `-`. */
  readonly stdin: Readable;
  /** What was asked for: with `--json` one JSON object per line, and nothing else. */
  readonly stdout: TerminalStream;
  /** What goes beside it: logs, warnings, errors. */
  readonly stderr: TerminalStream;
  /** Variables of the environment. One that is not there, or undefined, is not set. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder in which paths of arguments begin. */
  readonly cwd: string;
  /** The time, and waiting. */
  readonly clock: Clock;
  /** Calls the listener for each signal until the returned function is called; meanwhile a signal ends nothing by itself. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** Sends what strangers' modules print with `console` to standard error from now on: standard output is the command's. */
  keepConsoleApart(): void;
  /** Ends the process at once, with what is in flight. */
  exit(code: number): void;
}

/** What asks a run to end. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

/** A stream that may be a terminal. */
export type TerminalStream = Writable & {
  /** Undefined: it is none. */
  readonly isTTY?: boolean;
  /** Its width. Undefined: 80, or it is no terminal. */
  readonly columns?: number;
  /** Its height in lines. Undefined: 24, or it is no terminal. */
  readonly rows?: number;
};

/** Whether escape codes may be written to a stream. `NO_COLOR`: https://no-color.org. */
export function hasColors(stream: TerminalStream, env: CommandLineIo['env']): boolean {
  return isTerminal(stream, env) && !env['NO_COLOR'];
}

/** Whether lines of a stream may be written over. */
export function isTerminal(stream: TerminalStream, env: CommandLineIo['env']): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Whether somebody looks on while it runs: logs of a CI are kept, whatever they call themselves. */
export function isWatched(stream: TerminalStream, env: CommandLineIo['env']): boolean {
  return isTerminal(stream, env) && ['', '0', 'false'].includes(env['CI'] ?? '');
}
