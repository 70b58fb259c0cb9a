import type { AttemptOutcome } from '@aftercommit/registry';
import { outcomeOf } from './acknowledgement.js';
import type { ServerConnection } from './server-connection.js';

export type Message = { subject: string; headers: Uint8Array; payload: Uint8Array };

/**
 * Publishes one message, once, and waits for a stream to acknowledge it. How long is decided by who ends the connection.
 *
 * @param inbox Where the acknowledgement has to come: a subject that was never used before.
 * @throws AttemptFailure Nobody knows whether the message was stored, or the server refused it.
 */
export async function publish(
  connection: ServerConnection,
  { subject, headers, payload }: Message,
  inbox: string,
): Promise<AttemptOutcome> {
  const bytes = headers.length + payload.length;
  const { max_payload: longest = Number.POSITIVE_INFINITY } = connection.info;
  if (bytes > longest) {
    // The server would close the connection.
    const reason = `the message has ${bytes} bytes, and ${connection.where} takes ${longest}. Make the payload shorter, or max_payload of the server larger`;
    return { outcome: 'rejected', reason };
  }
  const command = `HPUB ${subject} ${inbox} ${headers.length} ${bytes}\r\n`;
  return connection.exchange([command, headers, payload, '\r\n'], (operation) => {
    if (operation.name !== 'MSG' || operation.subject !== inbox) return undefined;
    // Another service may listen to the subject, and answer before the stream does: that is no outcome.
    return operation.status === '503' ? nobodyListens(subject) : outcomeOf(operation.text);
  });
}

/** Also while a cluster elects the leader of a stream: so it may pass. */
function nobodyListens(subject: string): AttemptOutcome {
  return {
    outcome: 'retry',
    reason: `no stream listens to "${subject}", or it has no leader at the moment. Create a stream of JetStream with this subject`,
  };
}
