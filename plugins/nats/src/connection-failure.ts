import { EgressError } from '@aftercommit/registry';
import { AttemptFailure } from './attempt-failure.js';

/** What an error code of a connection means; `{where}` is the server. */
const meanings: Record<string, string> = {
  ECONNREFUSED: 'connection refused by {where}',
  ECONNRESET: 'connection closed by {where}',
  EPIPE: 'connection closed by {where}',
  ETIMEDOUT: 'connecting to {where} took too long',
  EHOSTUNREACH: 'no route to {where}',
  ENETUNREACH: 'no network to {where}',
  ENOTFOUND: 'no address found for {where}',
  EAI_AGAIN: 'the name server did not answer for {where}',
  CERT_HAS_EXPIRED: 'the TLS certificate of {where} has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the TLS certificate of {where} is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the TLS certificate of {where} has a self-signed issuer: give it as tls.ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the TLS certificate of {where} has an unknown issuer: give it as tls.ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the TLS certificate of {where} has an unknown issuer: give it as tls.ca',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the TLS certificate of {where} is for another name',
};

/**
 * What became of a connection, in plain words. Of an error only its code is used.
 *
 * @param where The server, such as `nats://example.com:4222`.
 */
export function connectionFailure(error: Error, where: string): AttemptFailure {
  if (EgressError.is(error)) return new AttemptFailure('rejected', error.message);
  const code = 'code' in error ? String(error.code) : error.name;
  const meaning = meanings[code] ?? `no connection to {where} (${code})`;
  return new AttemptFailure('retry', meaning.replace('{where}', where));
}
