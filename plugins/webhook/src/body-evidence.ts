import type { IncomingHttpHeaders } from 'node:http';
import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { BodyStart } from './response-body.js';

/** How much of a body is kept as evidence, after decompression. */
export const evidenceBytes = 4096;

/**
 * What a body said, for people: one line of at most `evidenceBytes`, without control characters. A body in an
 * encoding that is unknown or broken gives what could be read of it, or nothing.
 */
export async function describeBody(body: BodyStart, headers: IncomingHttpHeaders): Promise<string> {
  const decoded = await decompress(body.bytes, headers['content-encoding'] ?? '');
  const cut = !body.complete || decoded.length > evidenceBytes;
  // `stream` leaves out a character whose bytes are not all there.
  const text = new TextDecoder().decode(decoded.subarray(0, evidenceBytes), { stream: cut });
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return cut && line !== '' ? `${line}…` : line;
}

/** Decompresses until there is more than `evidenceBytes`, the input ends, or it turns out to be broken. */
function decompress(bytes: Uint8Array, contentEncoding: string): Promise<Uint8Array> {
  const encoding = contentEncoding.trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return Promise.resolve(bytes);
  const decoder = decoderFor(encoding, bytes);
  if (decoder === undefined) return Promise.resolve(new Uint8Array());
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const finish = () => {
      resolve(Buffer.concat(chunks));
      decoder.destroy();
    };
    decoder.on('data', (chunk: Uint8Array) => {
      chunks.push(chunk);
      length += chunk.length;
      // A few bytes can decompress to gigabytes: nothing beyond the evidence is unpacked.
      if (length > evidenceBytes) finish();
    });
    decoder.once('end', finish);
    decoder.once('error', finish);
    decoder.end(bytes);
  });
}

/** A flush at the end instead of a finish: a body that was cut short still gives what is in it. */
function decoderFor(encoding: string, bytes: Uint8Array): Transform | undefined {
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(options);
    case 'deflate':
      return hasZlibHeader(bytes) ? createInflate(options) : createInflateRaw(options);
    case 'br':
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    default:
      return undefined;
  }
}

/** Servers call both a zlib stream and a bare one "deflate"; the low four bits of a zlib stream are always 8. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 8;
}
