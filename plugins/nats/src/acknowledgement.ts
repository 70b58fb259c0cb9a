import type { AttemptOutcome } from '@aftercommit/registry';

/** What JetStream answers to a message: where it is stored, or why it is not. */
type Answer = {
  stream?: unknown;
  seq?: unknown;
  error?: { code?: unknown; err_code?: unknown; description?: unknown };
};

/** Classes of errors that pass, although they are the sender's by their number: another attempt is under way, too many. */
const passing = [408, 409, 429];

/** What to do about the errors that do not pass. */
const advice: Record<number, string> = {
  10060: 'Correct stream, or the subjects of the streams',
  10054: 'Make the payload shorter, or max_msg_size of the stream larger',
  10097: 'Configure fewer or shorter headers',
  10109: 'The stream is sealed: publish to another one',
};

/**
 * What an answer means. Undefined: it is not JetStream's, and says nothing of whether the message was stored.
 *
 * A stream that has stored the message before, as an earlier attempt, acknowledges it too: as a duplicate.
 */
export function outcomeOf(text: string): AttemptOutcome | undefined {
  const { error, stream, seq } = parseAnswer(text);
  if (error !== undefined) return refusal(error);
  if (typeof stream === 'string' && stream !== '' && typeof seq === 'number' && seq > 0)
    return { outcome: 'delivered' };
  return undefined;
}

/** By the class that JetStream gives its errors: 4xx as in HTTP, else something that it lacks at the moment, such as room. */
function refusal({ code, err_code, description }: NonNullable<Answer['error']>): AttemptOutcome {
  const reason = `JetStream refused the message: ${String(description)} (${String(err_code)})`;
  const status = Number(code);
  if (!(status >= 400 && status < 500) || passing.includes(status)) return { outcome: 'retry', reason };
  return { outcome: 'rejected', reason: `${reason}. ${advice[Number(err_code)] ?? 'Check the stream'}` };
}

function parseAnswer(text: string): Answer {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? answer : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
