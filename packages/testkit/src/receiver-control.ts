import { request } from 'node:http';
import { ReceiverError } from './receiver-error.js';

/** A received request as the receiver's process sends it: the body is base64. */
export type ReceivedOnTheWire = {
  at: number;
  connection: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
};

/** What the receiver's process understands. Each is answered with the requests of `path`, or with all. */
export type ReceiverCommand =
  | { command: 'respond'; path: string; script: object[] }
  | { command: 'requests'; path: string | undefined }
  | { command: 'wait'; count: number; path: string | undefined }
  | { command: 'clear' }
  | { command: 'stop' };

/** Asks the receiver's process over a connection that is not kept, so that nothing of it stays open here. */
export function askReceiver(address: URL, command: ReceiverCommand): Promise<ReceivedOnTheWire[]> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      const message = `The receiver did not answer "${command.command}": it was stopped, or ended with the process that started it.`;
      reject(new ReceiverError('RECEIVER_GONE', message, { cause }));
    };
    const asked = request(address, { method: 'POST', agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', fail);
      response.once('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    });
    asked.once('error', fail);
    asked.end(JSON.stringify(command));
  });
}
