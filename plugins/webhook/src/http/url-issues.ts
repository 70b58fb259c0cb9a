import { type Egress, jsonPointer, type KindIssue } from '@aftercommit/registry';

/** Every issue of a field with the URL of a receiver. Never quotes a part of it but host and port. */
export function urlIssues(field: string, url: string, egress: Egress): KindIssue[] {
  return problems(field, url, egress).map((message) => ({
    severity: 'error',
    pointer: jsonPointer([field]),
    message,
  }));
}

function problems(field: string, url: string, egress: Egress): string[] {
  if (url.includes('{{')) {
    return [
      `${field} has "{{" in it, and a url is no template: it is requested as it stands. Only payloadTemplate is one.`,
    ];
  }
  if (!URL.canParse(url)) return [`${field} does not parse. Write an absolute URL, such as https://example.com/hook.`];
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return [schemeProblem(field, url, protocol)];
  const found: string[] = [];
  if (username !== '' || password !== '') {
    found.push(`${field} contains a user or password, which would not be secret there. Use an Authorization header.`);
  }
  const refusal = egress.refusal(hostname);
  if (refusal !== undefined) found.push(refusal);
  return found;
}

/** `localhost:8080/hook` parses, with a scheme `localhost`. Host and port may be shown; what follows can be a token. */
function schemeProblem(field: string, url: string, protocol: string): string {
  const [, host] = /^([a-z\d][a-z\d.-]*:\d{1,5})(?:[/?#]|$)/i.exec(url) ?? [];
  if (host === undefined) return `${field} must be http or https, not ${protocol.slice(0, -1)}.`;
  return `${field} has no scheme. Write http:// or https:// in front of it, as in http://${host}.`;
}
