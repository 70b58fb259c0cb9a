/** What to do about a message that Slack refused, by the word in its answer. */
const advice: ReadonlyMap<string, string> = new Map([
  ['invalid_payload', 'the payload is no message of Slack: correct payloadTemplate'],
  ['no_text', 'the message says nothing: give it text or blocks'],
  ['no_service', 'the webhook was removed or switched off: make a new one'],
  ['no_team', 'Slack knows no such workspace: copy the URL of the webhook again'],
  ['invalid_token', 'the URL is not one that Slack gave out, or not any more: copy it again, or make a new webhook'],
  ['channel_not_found', 'the channel is gone: make a webhook for another one'],
  ['channel_is_archived', 'unarchive the channel, or make a webhook for another one'],
  ['action_prohibited', 'an administrator restricts the channel: ask them'],
  ['posting_to_general_channel_denied', 'an administrator restricts #general: make a webhook for another channel'],
]);

/**
 * A reason that quotes a word of Slack at its end, with what to do about it. As it was without such a word.
 *
 * The word must not stand at the end: there it could be a secret that was cut, and `no_service` ends like the `/services/…` of
 * every webhook's URL. It would be redacted.
 */
export function withAdvice(reason: string): string {
  const [, word = ''] = /: "([a-z_]+)"$/.exec(reason) ?? [];
  const whatToDo = advice.get(word);
  return whatToDo === undefined ? reason : `${reason}: ${whatToDo}`;
}
