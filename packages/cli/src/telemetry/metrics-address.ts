/** Where metrics are served. */
export type MetricsAddress = { host: string; port: number };

/**
 * Reads `9464`, `:9464`, `0.0.0.0:9464` or `[::]:9464`. Without a host they are served to this machine alone; port 0 is any that is
 * free. Undefined: it is no such address.
 */
export function metricsAddress(text: string): MetricsAddress | undefined {
  const [, ipv6, name, digits] = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  return { host: ipv6 ?? (name || '127.0.0.1'), port };
}

/** Host and port, as a URL has them. */
export function hostAndPort({ host, port }: MetricsAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
