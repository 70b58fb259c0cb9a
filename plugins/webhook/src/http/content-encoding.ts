import type { IncomingHttpHeaders } from 'node:http';
import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { BodyStart } from './response-body.js';

/** Nobody encodes a body more often but to make others work. */
const mostEncodings = 4;

/**
 * A body without its content encodings.
 *
 * @param limitBytes Little more than that is unpacked: a few bytes can decompress to gigabytes.
 * @returns `complete`: these are all the bytes there were, and not more than the limit. Of an encoding that is unknown or
 *   broken there is what could be read of it, or nothing.
 */
export async function decodeBody(
  body: BodyStart,
  headers: IncomingHttpHeaders,
  limitBytes: number,
): Promise<BodyStart> {
  // The last one was applied last.
  const encodings = (headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
    .reverse();
  if (encodings.length > mostEncodings) return { bytes: new Uint8Array(), complete: false };
  let decoded = body;
  for (const encoding of encodings) decoded = await decodeOnce(decoded, encoding, limitBytes);
  return { bytes: decoded.bytes, complete: decoded.complete && decoded.bytes.length <= limitBytes };
}

function decodeOnce(body: BodyStart, encoding: string, limitBytes: number): Promise<BodyStart> {
  const decoder = decoderFor(encoding, body.bytes);
  if (decoder === undefined) return Promise.resolve({ bytes: new Uint8Array(), complete: false });
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const finish = (complete: boolean): void => {
      resolve({ bytes: Buffer.concat(chunks), complete: complete && body.complete });
      decoder.destroy();
    };
    decoder.on('data', (chunk: Uint8Array) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limitBytes) finish(false);
    });
    decoder.once('end', () => finish(true));
    decoder.once('error', () => finish(false));
    decoder.end(body.bytes);
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
