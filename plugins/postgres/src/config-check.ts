import { type Egress, jsonPointer, type KindIssue } from '@aftercommit/registry';
import { tlsIssues } from '@aftercommit/registry/tls';
import { defaultColumns, isHost, type PostgresConfig } from './postgres-config.js';
import { nameProblem, tableParts } from './sql-names.js';

/** Every issue of a configuration that matches the schema. Quotes no secret; a sealed value is absent. */
export function checkConfig(config: PostgresConfig, { egress }: { egress: Egress }): KindIssue[] {
  return [
    ...problem(['host'], hostProblem(config.host) ?? egress.refusal(config.host)),
    ...targetIssues(config),
    ...columnIssues(config),
    ...useIssues(config.tls ?? {}),
    ...tlsIssues('tls', config.tls ?? {}),
  ];
}

function hostProblem(host: string): string | undefined {
  if (host.startsWith('/')) return 'host is a local socket, which is not supported. Write a name or an address.';
  if (isHost(host)) return undefined;
  return 'host is neither a name nor an address. Write it alone: port, user, password and database are fields of their own.';
}

function targetIssues({ table, channel }: PostgresConfig): KindIssue[] {
  if ((table === undefined) === (channel === undefined)) {
    return problem([], 'Configure either table, which gets a row for each delivery, or channel, which is notified.');
  }
  return [
    ...problem(['table'], table === undefined ? undefined : tableProblem(table)),
    ...problem(['channel'], channel === undefined ? undefined : nameProblem('channel', channel)),
  ];
}

function tableProblem(table: string): string | undefined {
  const parts = tableParts(table);
  if (parts.length > 2) return 'table has more than one dot. Write it as name, or as schema.name.';
  return parts.map((part) => nameProblem('table', part)).find((wrong) => wrong !== undefined);
}

function columnIssues({ columns = {}, channel }: PostgresConfig): KindIssue[] {
  const used = new Map<string, string>();
  const issues = Object.entries({ ...defaultColumns, ...columns }).flatMap(([fact, name]) => {
    const other = used.get(name);
    used.set(name, fact);
    const twice =
      other === undefined ? undefined : `columns.${other} and columns.${fact} are one column. Name another one.`;
    return problem(['columns', fact], nameProblem(`columns.${fact}`, name) ?? twice);
  });
  const isUnused = channel !== undefined && Object.keys(columns).some((fact) => !(fact in defaultColumns));
  return isUnused ? problem(['columns'], 'columns are those of a table, and a channel has none. Remove them.') : issues;
}

function useIssues({ mode, ca, certificate, key }: NonNullable<PostgresConfig['tls']>): KindIssue[] {
  const isUnused = mode === 'disable' && (ca ?? certificate ?? key) !== undefined;
  return [
    ...problem(
      ['tls', 'mode'],
      isUnused ? 'tls.mode is disable, and certificates are configured. Keep one of the two.' : undefined,
    ),
    ...problem(
      ['tls', 'certificate'],
      key !== undefined && certificate === undefined ? 'tls.key needs its certificate.' : undefined,
    ),
  ];
}

function problem(path: string[], message: string | undefined): KindIssue[] {
  return message === undefined ? [] : [{ severity: 'error', pointer: jsonPointer(path), message }];
}
