import { shellQuoted } from './readable-text.js';

/** An error that ended a materialization, for people. */
export type FailureText = {
  /** What happened, without the name of the materialization, which stands beside it. */
  reason: string;
  /** What to do, where the command line knows more than the message: a flag, or what the exit code means. */
  advice: string | undefined;
};

/** @param specPath The spec, as it was given. */
export function failureText(
  { materialization, code, reason }: { materialization: string; code: string; reason: string },
  specPath: string,
): FailureText {
  const prefix = `${materialization}: `;
  return {
    reason: reason.startsWith(prefix) ? reason.slice(prefix.length) : reason,
    advice: adviceOn(code, specPath),
  };
}

function adviceOn(code: string, specPath: string): string | undefined {
  if (code === 'CHECKPOINT_DIVERGED' || code === 'ENDPOINT_LOST_STAGING') {
    return `To go on from what the endpoint has: aftercommit run ${shellQuoted(specPath)} --accept-endpoint`;
  }
  if (code === 'STORE_FENCED' || code === 'ENDPOINT_FENCED') {
    return 'Another run of this materialization was started and goes on. See that a scheduler starts only one at a time.';
  }
  return undefined;
}
