import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReceiverFault } from './faulty-server.js';

/** One status of each outcome. */
export const finalStatuses = [
  ['200 OK', 'delivered'],
  ['503 Busy', 'retry'],
  ['404 Not Found', 'rejected'],
] as const;

/** What becomes of the connection after an answer. */
export type Afterwards = 'stays' | 'FIN' | 'RST';

/** A fault that is one answer in one piece. `afterwards` undefined: the connection stays. */
export function answers(
  title: string,
  outcome: ReceiverFault['outcome'],
  answer: string | Uint8Array,
  more: { afterwards?: Afterwards } & Pick<ReceiverFault, 'reason' | 'lastsUntilDeadline' | 'at' | 'payloadBytes'> = {},
): ReceiverFault {
  const { afterwards = 'stays', ...rest } = more;
  return { title, outcome, happen: (socket) => sendAll(socket, answer, afterwards), ...rest };
}

/** Resolves when the bytes have left. */
export async function sendAll(socket: Socket, bytes: string | Uint8Array, afterwards: Afterwards): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.write(bytes, () => resolve());
  });
  if (afterwards === 'FIN') socket.end();
  if (afterwards === 'RST') socket.resetAndDestroy();
}

/** Sends the bytes one by one, a millisecond apart, for as long as the connection lasts. */
export async function drip(socket: Socket, text: string): Promise<void> {
  for (const character of text) {
    if (!socket.writable) return;
    socket.write(character);
    await delay(1);
  }
}
