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
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the TLS certificate of {where} is self-signed: give it as tls.ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'the TLS certificate of {where} has a self-signed issuer: give it as tls.ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the TLS certificate of {where} has an unknown issuer: give it as tls.ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the TLS certificate of {where} has an unknown issuer: give it as tls.ca',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the TLS certificate of {where} is for another name',
};

/**
 * What became of a connection, in plain words.
 *
 * @param where The server, such as `postgres://db.example.com:5432`.
 */
export function connectionFailure(error: Error, where: string): AttemptFailure {
  if (EgressError.is(error)) return new AttemptFailure('rejected', error.message);
  // The library has no code for it.
  if (error.message === 'The server does not support SSL connections') {
    const advice = 'Let it speak TLS, or set tls.mode to disable where everything may be read on the way';
    return new AttemptFailure('rejected', `${where} does not offer TLS. ${advice}`);
  }
  const code = 'code' in error ? String(error.code) : undefined;
  return new AttemptFailure('retry', (meanings[code ?? ''] ?? otherwise(error, code)).replace('{where}', where));
}

/** Errors without a code are the library's own, about what the server sent. */
function otherwise({ message }: Error, code: string | undefined): string {
  if (code !== undefined) return `no connection to {where} (${code})`;
  if (message.startsWith('Connection terminated')) return 'connection closed by {where}';
  return `{where} was not understood: ${message}`;
}
