import type { Egress, KindIssue } from '@aftercommit/registry';
import { headerIssues } from './http/header-issues.js';
import { receiverIssues } from './http/receiver-issues.js';
import { readSigningKey } from './signing/signing-key.js';
import type { WebhookConfig } from './webhook-config.js';

/**
 * Every issue of a configuration that matches the schema. A sealed value is absent, and not looked for. Never quotes a secret, nor
 * a part of the URL beyond its host.
 */
export function checkConfig(config: WebhookConfig, { egress }: { egress: Egress }): KindIssue[] {
  const { headers = {}, signingKeys } = config;
  return [
    ...receiverIssues(config, egress),
    ...headerIssues(headers),
    ...(signingKeys === undefined ? [] : signingKeyIssues(signingKeys)),
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

function error(pointer: string, message: string): KindIssue {
  return { severity: 'error', pointer, message };
}
