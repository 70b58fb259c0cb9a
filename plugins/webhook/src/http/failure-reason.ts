/** What an error code of a connection means; `{where}` is host and port. */
const meanings: Record<string, string> = {
  ECONNREFUSED: 'connection refused by {where}',
  ECONNRESET: 'connection closed by {where} before it answered',
  EPIPE: 'connection closed by {where} before it answered',
  ETIMEDOUT: 'connecting to {where} took too long',
  EHOSTUNREACH: 'no route to {where}',
  ENETUNREACH: 'no network to {where}',
  EADDRNOTAVAIL: 'no local address from which to reach {where}',
  ENOTFOUND: 'no address found for {where}',
  EAI_AGAIN: 'the name server did not answer for {where}',
  CERT_HAS_EXPIRED: 'the TLS certificate of {where} has expired',
  CERT_NOT_YET_VALID: 'the TLS certificate of {where} is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the TLS certificate of {where} is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the TLS certificate of {where} has a self-signed issuer',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the TLS certificate of {where} has an unknown issuer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the TLS certificate of {where} has an unknown issuer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the TLS certificate of {where} is for another name',
  HPE_HEADER_OVERFLOW: 'the headers of the answer of {where} are too long to be read',
  EPROTO: 'TLS could not be agreed on with {where}',
};

/**
 * Why there was no answer, in plain words. Only the error's code is used: its message may quote the request.
 *
 * @param where Host and port, such as `example.com:443`.
 */
export function failureReason(code: string, where: string): string {
  const meaning = meanings[code];
  if (meaning !== undefined) return meaning.replace('{where}', where);
  if (code.startsWith('ERR_SSL_')) return `TLS could not be agreed on with ${where} (${code})`;
  if (code.startsWith('HPE_')) return `what ${where} answered is not HTTP (${code})`;
  return `no answer from ${where} (${code})`;
}

/** Host and port of a URL, the scheme's own port included. */
export function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}

/** Scheme, host and port of a URL: all of it that may be shown, since a path or a query can be a token. */
export function originOf({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}
