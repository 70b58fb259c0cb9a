import type { Egress, KindIssue } from '@aftercommit/registry';
import { tlsIssues } from '@aftercommit/registry/tls';
import type { ConfiguredUrl } from './receiver-url.js';
import type { TlsConfig } from './tls-config.js';
import { urlIssues } from './url-issues.js';

/** Every issue of the fields that say where a receiver is and what is particular about TLS with it. What is sealed is absent. */
export function receiverIssues(
  { url, secretUrl, tls }: ConfiguredUrl & { tls?: TlsConfig },
  egress: Egress,
): KindIssue[] {
  return [
    ...(url === undefined ? [] : urlIssues({ name: 'url', url, isSecret: false }, egress)),
    ...(secretUrl === undefined ? [] : urlIssues({ name: 'secretUrl', url: secretUrl, isSecret: true }, egress)),
    ...(tls === undefined ? [] : [...tlsIssues('tls', tls), ...plainTextIssues([url, secretUrl])]),
  ];
}

/** Of `tls`, which is there. */
function plainTextIssues(urls: ReadonlyArray<string | undefined>): KindIssue[] {
  if (!urls.some((url) => url !== undefined && /^http:/i.test(url))) return [];
  const message = 'tls is given, and the URL is http, without TLS. Use https, or remove tls.';
  return [{ severity: 'error', pointer: '/tls', message }];
}
