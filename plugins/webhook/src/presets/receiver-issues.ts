import type { Egress, KindIssue } from '@aftercommit/registry';
import type { TlsConfig } from '../http/tls-config.js';
import { tlsIssues } from '../http/tls-issues.js';
import { urlIssues } from '../http/url-issues.js';

/** Every issue of the fields `url` and `tls` of a preset. */
export function receiverIssues({ url, tls }: { url: string; tls?: TlsConfig }, egress: Egress): KindIssue[] {
  const found = urlIssues({ name: 'url', url, isSecret: false }, egress);
  if (tls === undefined) return found;
  found.push(...tlsIssues('tls', tls));
  if (/^http:/i.test(url)) {
    const message = 'tls is given, and url is http, without TLS. Use https, or remove tls.';
    found.push({ severity: 'error', pointer: '/tls', message });
  }
  return found;
}
