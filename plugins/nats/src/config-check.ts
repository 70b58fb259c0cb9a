import { type Egress, jsonPointer, type KindIssue } from '@aftercommit/registry';
import { tlsIssues } from '@aftercommit/registry/tls';
import { isCreds, isSeed } from './credentials.js';
import { headerProblem, isHeaderName } from './message-headers.js';
import type { NatsConfig } from './nats-config.js';
import { parseServer, serverProblem } from './server-address.js';

/** Every issue of a configuration that matches the schema. Quotes no secret and no server; a sealed value is absent. */
export function checkConfig(config: NatsConfig, { egress }: { egress: Egress }): KindIssue[] {
  return [
    ...config.servers.flatMap((server, index) => serverIssues(server, index, config, egress)),
    ...problem(['subject'], subjectProblem(config.subject)),
    ...problem(['stream'], config.stream === undefined ? undefined : streamProblem(config.stream)),
    ...problem(['inboxPrefix'], inboxProblem(config.inboxPrefix ?? '_INBOX')),
    ...headerIssues(config.headers ?? {}),
    ...credentialIssues(config),
    ...tlsIssues('tls', config.tls ?? {}),
    ...keyIssues(config.tls ?? {}),
  ];
}

function serverIssues(server: string, index: number, { tls }: NatsConfig, egress: Egress): KindIssue[] {
  const path = ['servers', String(index)];
  const wrong = serverProblem(server);
  if (wrong !== undefined) return problem(path, wrong);
  const { host, isTls } = parseServer(server);
  const isUnprotected = tls !== undefined && !isTls;
  return [
    ...problem(path, egress.refusal(host)),
    ...problem(
      path,
      isUnprotected ? 'tls is configured, and this server begins with nats://. Write tls://.' : undefined,
    ),
  ];
}

function subjectProblem(subject: string): string | undefined {
  if (subject.includes('{{')) return 'subject has "{{" in it, and is no template. Only payloadTemplate is one.';
  if (/[*>]/.test(subject))
    return 'subject has a wildcard, and a message is published to one subject. Write it without * and >.';
  if (!isSubject(subject))
    return 'subject is not legal. Write words with dots between them, without spaces, such as orders.committed.';
  if (/^(?:\$JS|\$SYS|_INBOX)(?:\.|$)/.test(subject)) {
    return 'subject belongs to NATS itself. Write one that a stream listens to.';
  }
  return undefined;
}

function isSubject(subject: string): boolean {
  return subject.split('.').every((token) => /^[^\s\p{Cc}]+$/u.test(token));
}

function streamProblem(stream: string): string | undefined {
  return /^[^\s\p{Cc}.*>/\\]+$/u.test(stream)
    ? undefined
    : 'stream is no name of a stream: it has no spaces, dots, slashes, * or >.';
}

function inboxProblem(prefix: string): string | undefined {
  return isSubject(prefix) && !/[*>]/.test(prefix)
    ? undefined
    : 'inboxPrefix is not legal. Write words with dots between them, such as _INBOX_app.';
}

/** Names are as they are written, in NATS; two that differ only in letter case are most likely a mistake, and legal. */
function headerIssues(headers: Record<string, string | undefined>): KindIssue[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    return problem(isHeaderName(name) ? ['headers', name] : ['headers'], headerProblem(name, value));
  });
}

function credentialIssues({ user, password, token, creds, nkeySeed }: NatsConfig): KindIssue[] {
  const given = Object.entries({ 'user and password': user ?? password, token, creds, nkeySeed })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  const several = `There is one way to connect too many: ${given.join(', ')}. Keep one of them.`;
  return [
    ...problem([], given.length > 1 ? several : undefined),
    ...problem(['user'], password !== undefined && user === undefined ? 'password needs a user.' : undefined),
    ...problem(
      ['creds'],
      creds === undefined || isCreds(creds)
        ? undefined
        : 'creds has no user JWT with the seed of its NKey. Give the contents of a .creds file, not its name.',
    ),
    ...problem(
      ['nkeySeed'],
      nkeySeed === undefined || isSeed(nkeySeed)
        ? undefined
        : 'nkeySeed is no seed of an NKey: those of users begin with SU.',
    ),
  ];
}

function keyIssues({ certificate, key }: NonNullable<NatsConfig['tls']>): KindIssue[] {
  return problem(
    ['tls', 'certificate'],
    key !== undefined && certificate === undefined ? 'tls.key needs its certificate.' : undefined,
  );
}

function problem(path: string[], message: string | undefined): KindIssue[] {
  return message === undefined ? [] : [{ severity: 'error', pointer: jsonPointer(path), message }];
}
