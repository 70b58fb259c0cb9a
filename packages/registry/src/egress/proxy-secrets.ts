import type { Egress } from '../trigger-kind.js';

/**
 * What nobody may be shown of the URL of a proxy: its password, or the user where that is all there is. Whoever lets out what
 * kinds say takes it out, since a kind is given the URL and its client may quote it.
 */
export function proxySecrets({ proxy }: Pick<Egress, 'proxy'>): string[] {
  if (proxy === undefined || !URL.canParse(proxy)) return [];
  const { username, password } = new URL(proxy);
  const secret = password === '' ? username : password;
  return secret === '' ? [] : [decoded(secret)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A "%" that stands for itself.
    return text;
  }
}
