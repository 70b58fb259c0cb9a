import type { Egress, KindIssue } from '@aftercommit/registry';
import { headerIssues } from './http/header-issues.js';
import { tlsIssues } from './http/tls-issues.js';
import { urlIssues } from './http/url-issues.js';
import { readSigningKey } from './signing/signing-key.js';
import type { WebhookConfig } from './webhook-config.js';

/**
 * Every issue of a configuration that matches the schema. A sealed value is absent, and not looked for. Never quotes a secret, nor
 * a part of the URL beyond its host.
 */
export function checkConfig(config: WebhookConfig, { egress }: { egress: Egress }): KindIssue[] {
  const { url, secretUrl, headers = {}, signingKeys, tls } = config;
  return [
    ...(url === undefined ? [] : urlIssues({ name: 'url', url, isSecret: false }, egress)),
    ...(secretUrl === undefined ? [] : urlIssues({ name: 'secretUrl', url: secretUrl, isSecret: true }, egress)),
    ...headerIssues(headers),
    ...(signingKeys === undefined ? [] : signingKeyIssues(signingKeys)),
    ...(tls === undefined ? [] : tlsIssues('tls', tls)),
    ...plainTextIssues(config),
  ];
}

/** At the list as a whole: what is in it has no names of its own in a sealed configuration. */
function signingKeyIssues(keys: readonly string[]): KindIssue[] {
  if (keys.length === 0)
    return [error('/signingKeys', 'signingKeys has no key in it. Give one, or remove signingKeys.')];
  return keys.flatMap((text, index) => {
    const { problem } = readSigningKey(text);
    return problem === undefined ? [] : [error('/signingKeys', `Key ${index + 1} of signingKeys ${problem}`)];
  });
}

function plainTextIssues({ url, secretUrl, tls }: WebhookConfig): KindIssue[] {
  const isPlain = [url, secretUrl].some((one) => one !== undefined && /^http:/i.test(one));
  return isPlain && tls !== undefined
    ? [error('/tls', 'tls is given, and the URL is http, without TLS. Use https, or remove tls.')]
    : [];
}

function error(pointer: string, message: string): KindIssue {
  return { severity: 'error', pointer, message };
}
