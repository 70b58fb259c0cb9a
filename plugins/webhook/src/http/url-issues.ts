import { type Egress, jsonPointer, type KindIssue } from '@aftercommit/registry';

/** The field of a configuration that holds a URL. */
export type UrlField = {
  name: string;
  url: string;
  /** Nothing of a secret is quoted. Of any other at most host and port are. */
  isSecret: boolean;
};

/** Every issue of a field with the URL of a receiver. */
export function urlIssues(field: UrlField, egress: Egress): KindIssue[] {
  return problems(field, egress).map((message) => ({
    severity: 'error',
    pointer: jsonPointer([field.name]),
    message,
  }));
}

function problems(field: UrlField, egress: Egress): string[] {
  const { name, url } = field;
  if (url.includes('{{')) {
    return [
      `${name} has "{{" in it, and a url is no template: it is requested as it stands. Only payloadTemplate is one.`,
    ];
  }
  if (/\$\{|^\$\w/.test(url)) {
    const seal = field.isSecret ? ', and seal it' : '';
    return [`${name} has a variable in it, and variables are not filled in. Write the URL itself${seal}.`];
  }
  if (!URL.canParse(url)) return [unparsable(field)];
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return [schemeProblem(field, protocol)];
  const found: string[] = [];
  if (username !== '' || password !== '') {
    found.push(`${name} contains a user or password. Put them into an Authorization header, whose value is secret.`);
  }
  const refusal = egress.refusal(hostname);
  if (refusal !== undefined) found.push(refusal);
  return found;
}

function unparsable({ name, url, isSecret }: UrlField): string {
  if (url.trim() === '') return `${name} is empty. ${absoluteUrl}`;
  const [, host] = /^(?:\/\/)?((?:[a-z\d-]+\.)+[a-z\d-]+|localhost)(?::\d{1,5})?(?:[/?#]|$)/i.exec(url) ?? [];
  if (host === undefined) return `${name} does not parse. ${absoluteUrl}`;
  return `${name} has no scheme. Write https:// in front of it${isSecret ? '' : `, as in https://${host}`}.`;
}

const absoluteUrl = 'Write an absolute URL, such as https://example.com/hook.';

/** `localhost:8080/hook` parses, with a scheme `localhost`. Host and port may be shown; what follows can be a token. */
function schemeProblem({ name, url, isSecret }: UrlField, protocol: string): string {
  if (isSecret) return `${name} must begin with http:// or https://.`;
  const [, host] = /^([a-z\d][a-z\d.-]*:\d{1,5})(?:[/?#]|$)/i.exec(url) ?? [];
  if (host === undefined) return `${name} must be http or https, not ${protocol.slice(0, -1)}.`;
  return `${name} has no scheme. Write http:// or https:// in front of it, as in http://${host}.`;
}
