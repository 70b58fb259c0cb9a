import type { IncomingHttpHeaders } from 'node:http';
import { decodeBody } from './content-encoding.js';
import type { BodyStart } from './response-body.js';

/** How much of a body is kept as evidence, after decompression. */
export const evidenceBytes = 4096;

/**
 * What a body said, for people: one line of at most `evidenceBytes`, without control characters. A body in an
 * encoding that is unknown or broken gives what could be read of it, or nothing.
 */
export async function describeBody(body: BodyStart, headers: IncomingHttpHeaders): Promise<string> {
  const { bytes, complete } = await decodeBody(body, headers, evidenceBytes);
  // `stream` leaves out a character whose bytes are not all there.
  const text = new TextDecoder().decode(bytes.subarray(0, evidenceBytes), { stream: !complete });
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return complete || line === '' ? line : `${line}…`;
}
