import { isFenced } from '../exit-code.js';

/** An error that ended a materialization, for people. */
export type FailureText = {
  /** What happened, without the name of the materialization, which stands beside it. */
  reason: string;
  /** What to do, where the command line knows more than the message: a flag, or what the exit code means. */
  advice?: string;
  /** The command that the advice ends with. */
  command?: string;
};

/** @param command The run that failed, as a shell wants it. */
export function failureText(
  { materialization, code, reason }: { materialization: string; code: string; reason: string },
  command: string,
): FailureText {
  const prefix = `${materialization}: `;
  return {
    reason: reason.startsWith(prefix) ? reason.slice(prefix.length) : reason,
    ...adviceOn(code, command),
  };
}

/** The advice and its command in one line. */
export function adviceLine({ advice, command }: FailureText): string | undefined {
  return command === undefined ? advice : `${advice} ${command}`;
}

function adviceOn(code: string, command: string): Pick<FailureText, 'advice' | 'command'> {
  const accepting = `${command} --accept-endpoint`;
  // Whether it begins again then, its message says.
  if (code === 'CHECKPOINT_DIVERGED') return { advice: 'If the endpoint is right as it is:', command: accepting };
  if (code === 'ENDPOINT_LOST_STAGING') {
    const again =
      'documents are then read again from the start of the sources, which appends them once more to delta tables';
    return { advice: `If the endpoint is right as it is (${again}):`, command: accepting };
  }
  if (!isFenced(code)) return {};
  return {
    advice:
      'Another run of this materialization was started and goes on. See that a scheduler starts only one at a time.',
  };
}
