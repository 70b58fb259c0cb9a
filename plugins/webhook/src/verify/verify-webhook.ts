import { signedContent } from '../signing/signed-content.js';
import { VerificationError } from './verification-error.js';
import { readVerifyingKey } from './verifying-key.js';
import { readHeaders, type WebhookHeaders } from './webhook-headers.js';

/** A request as a receiver got it. */
export type ReceivedWebhook = {
  /** All of them, as the server of Node or a `Headers` has them. */
  headers: WebhookHeaders;
  /** Exactly the bytes that came, or the text they are in UTF-8: before anything parses them. */
  body: string | Uint8Array;
  /** `whsec_…`, or the public `whpk_…`; several during a rotation. One that matches is enough. */
  keys: readonly string[];
  /** In milliseconds since the Unix epoch. Default: the machine's clock. */
  now?: number;
  /** How far the timestamp may be from now, in either direction. Default: 300. */
  toleranceSeconds?: number;
};

/** What a verified request says of itself. */
export type VerifiedWebhook = {
  /** The same for every attempt of a delivery: whoever has seen it drops what comes with it again. */
  idempotencyKey: string;
  /** When the attempt was made, in whole seconds since the Unix epoch. */
  timestamp: number;
  /**
   * Of two attempts of one delivery the one with the higher epoch is the newer session's. Not signed. Undefined: the sender is not
   * aftercommit.
   */
  epoch: bigint | undefined;
};

const defaultToleranceSeconds = 300;

/**
 * Sees to it that a request was signed with one of the keys, as Standard Webhooks say (`v1` and `v1a`), and not long ago.
 *
 * @throws VerificationError `VERIFY_NO_MATCH` when it was not, `VERIFY_TOO_OLD` or `VERIFY_TOO_NEW` when not now; another code when that
 *   cannot be found out.
 */
export function verifyWebhook(received: ReceivedWebhook): VerifiedWebhook {
  const { headers, body, keys, now = Date.now(), toleranceSeconds = defaultToleranceSeconds } = received;
  // A text has no `map`, and one key is easily given in place of a list.
  if (!Array.isArray(keys)) throw new VerificationError('VERIFY_KEY_INVALID', 'The keys must be a list of keys.');
  const verifying = keys.map(readVerifyingKey);
  if (verifying.length === 0) throw new VerificationError('VERIFY_KEY_INVALID', 'There is no key to verify with.');
  const { id, timestamp, signatures, epoch } = readHeaders(headers);
  const seconds = secondsOf(timestamp);
  checkAge(seconds, now / 1000, toleranceSeconds);
  const content = signedContent(id, timestamp, bytesOf(body));
  if (!verifying.map((key) => key(content)).some((isSigned) => signatures.some(isSigned))) {
    throw new VerificationError(
      'VERIFY_NO_MATCH',
      'No signature is that of this request. Was the body changed or parsed before, or is it another key?',
    );
  }
  return { idempotencyKey: id, timestamp: seconds, epoch };
}

function secondsOf(timestamp: string): number {
  if (/^\d{1,12}$/.test(timestamp)) return Number(timestamp);
  throw new VerificationError('VERIFY_HEADER_INVALID', 'The header webhook-timestamp is no number of seconds.');
}

function checkAge(seconds: number, nowSeconds: number, toleranceSeconds: number): void {
  // What is no number, such as a tolerance that is not configured, must not let everything through.
  if (!(seconds >= nowSeconds - toleranceSeconds)) {
    throw new VerificationError('VERIFY_TOO_OLD', `The request was made more than ${toleranceSeconds} s ago.`);
  }
  if (!(seconds <= nowSeconds + toleranceSeconds)) {
    throw new VerificationError(
      'VERIFY_TOO_NEW',
      `The request was made more than ${toleranceSeconds} s from now: one of the two clocks is wrong.`,
    );
  }
}

/** What a framework has parsed is no longer what was signed. */
function bytesOf(body: unknown): Uint8Array {
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  throw new VerificationError(
    'VERIFY_BODY_INVALID',
    'The body must be the bytes that came, or their text, not parsed.',
  );
}
