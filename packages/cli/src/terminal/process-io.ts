import { Console } from 'node:console';
import { systemClock } from '@aftercommit/runtime-adapter';
import type { CommandLineIo, StopSignal } from './command-line-io.js';

/** The process's own streams, environment, clock and signals. */
export function processIo(): CommandLineIo {
  return {
    // Not before somebody reads it: a program that looked at its standard input may wait for its end.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    onSignal(listener) {
      const signals: StopSignal[] = ['SIGINT', 'SIGTERM'];
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
    keepConsoleApart() {
      Object.assign(console, new Console(process.stderr, process.stderr));
    },
    exit: (code) => process.exit(code),
  };
}
