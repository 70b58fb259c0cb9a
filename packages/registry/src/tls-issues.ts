/**
 * For kinds that have certificates among their fields: what is wrong with them.
 *
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { jsonPointer } from '@aftercommit/models';
import type { KindIssue } from './trigger-kind.js';

/** What a connection over TLS is configured with, in PEM: whom the other side has to be vouched for by, and who we are. */
export type TlsTexts = {
  /** The certificates that must vouch for the other side. Undefined: those that Node trusts. */
  ca?: string;
  /** Our own certificate, with those that lead to its authority. Undefined: we show none. */
  certificate?: string;
  /** The private key of `certificate`, without a passphrase. Undefined: there is none, or it is sealed. */
  key?: string;
};

/**
 * Every issue of what a kind is told of TLS. Never quotes what is in it. A key that is absent is not looked for: it may be
 * sealed.
 *
 * @param field The field that holds the three: `tls`.
 */
export function tlsIssues(field: string, { ca, certificate, key }: TlsTexts): KindIssue[] {
  const found: KindIssue[] = [];
  const issue = (name: string, message: string): void => {
    found.push({ severity: 'error', pointer: jsonPointer([field, name]), message: `${field}.${name} ${message}` });
  };
  const caProblem = ca === undefined ? undefined : certificatesIn(ca).problem;
  if (caProblem !== undefined) issue('ca', caProblem);
  const client = certificate === undefined ? undefined : certificatesIn(certificate);
  if (client?.problem !== undefined) issue('certificate', client.problem);
  const own = key === undefined ? undefined : keyIn(key);
  if (own?.problem !== undefined) issue('key', own.problem);
  const [leaf] = client?.certificates ?? [];
  if (leaf !== undefined && own?.key !== undefined && !leaf.checkPrivateKey(own.key)) {
    issue('key', `is not that of the first certificate of ${field}.certificate.`);
  }
  return found;
}

type Certificates = { certificates: X509Certificate[]; problem?: string };

function certificatesIn(pem: string): Certificates {
  const blocks = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g)];
  const labels = new Set(blocks.map(([, label = '']) => label));
  if ([...labels].some((label) => label.includes('PRIVATE KEY'))) {
    return { certificates: [], problem: 'has a private key in it, which is not secret there. It belongs into key.' };
  }
  const wanted = 'Write it as PEM: -----BEGIN CERTIFICATE----- and so on.';
  if (labels.size !== 1 || !labels.has('CERTIFICATE')) {
    return { certificates: [], problem: `is no certificate. ${wanted}` };
  }
  const certificates = blocks.map(([block]) => parsed(() => new X509Certificate(block)));
  if (certificates.includes(undefined)) {
    return { certificates: [], problem: `has a certificate in it that cannot be read. ${wanted}` };
  }
  return { certificates: certificates.filter((one) => one !== undefined) };
}

function keyIn(pem: string): { key?: KeyObject; problem?: string } {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: .*ENCRYPTED/m.test(pem)) {
    return { problem: 'is encrypted with a passphrase. Give it without one: it is sealed with the configuration.' };
  }
  const key = parsed(() => createPrivateKey(pem));
  return key === undefined
    ? { problem: 'is no private key. Write it as PEM: -----BEGIN PRIVATE KEY----- and so on.' }
    : { key };
}

/** What OpenSSL cannot read it throws at, with a code; the message may quote it. */
function parsed<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
