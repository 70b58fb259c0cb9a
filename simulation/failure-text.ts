import type { Failure } from './seed-worker.js';

/** What was broken, and the command that shows how. */
export function failureText({ seed, message }: Failure): string {
  return `seed ${seed}: ${message}\n  what happened: pnpm simulate --from ${seed} --trace`;
}
