import { VerificationError } from './verification-error.js';

/** What a signature costs to look at is the receiver's time, and nobody rotates so many keys. */
const mostSignatures = 32;

/** Headers as Node gives them (`request.headers`), as a `Headers`, or as an object with names in any letter case. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** What the headers of a webhook say. Nothing of it is believed yet. */
export type ReadHeaders = { id: string; timestamp: string; signatures: string[]; epoch: bigint | undefined };

/** @throws VerificationError `VERIFY_HEADER_MISSING`, `VERIFY_HEADER_INVALID`. */
export function readHeaders(headers: WebhookHeaders): ReadHeaders {
  const value = isHeaders(headers) ? (name: string) => headers.get(name) ?? undefined : valuesByName(headers);
  const required = (name: string): string => {
    const found = value(name);
    if (found === undefined || found === '') {
      throw new VerificationError('VERIFY_HEADER_MISSING', `The header ${name} is missing, or there more than once.`);
    }
    return found;
  };
  const epoch = value('aftercommit-epoch');
  if (epoch !== undefined && !/^\d{1,20}$/.test(epoch)) {
    throw new VerificationError('VERIFY_HEADER_INVALID', 'The header aftercommit-epoch is no number.');
  }
  const [id, timestamp] = [required('webhook-id'), required('webhook-timestamp')];
  const signatures = required('webhook-signature').split(' ', mostSignatures + 1);
  if (signatures.length > mostSignatures) {
    const message = `The header webhook-signature has more than ${mostSignatures} signatures.`;
    throw new VerificationError('VERIFY_HEADER_INVALID', message);
  }
  return {
    id,
    timestamp,
    signatures,
    epoch: epoch === undefined ? undefined : BigInt(epoch),
  };
}

/** Frameworks bring along `Headers` of their own, which are no instances of the global one. */
function isHeaders(headers: WebhookHeaders): headers is Headers {
  return typeof headers['get'] === 'function';
}

/** Each name once: of a header that is there twice nobody knows which one was signed. */
function valuesByName(headers: Exclude<WebhookHeaders, Headers>): (name: string) => string | undefined {
  const values = new Map<string, string[]>();
  for (const [name, value] of Object.entries(headers)) {
    const found = typeof value === 'string' ? [value] : (value ?? []);
    values.set(name.toLowerCase(), [...(values.get(name.toLowerCase()) ?? []), ...found]);
  }
  return (name) => {
    const [first, ...others] = values.get(name) ?? [];
    return others.length === 0 ? first?.trim() : undefined;
  };
}
