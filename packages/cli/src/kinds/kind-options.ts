import type { EgressReach } from '@aftercommit/registry';
import { type Command, Option } from 'commander';

/** What a command is told of trigger kinds: which there are beside the built-in ones, and what they may do. */
export type KindOptions = {
  /** Modules with kinds: files, relative to the working folder, and names of packages. Undefined: none. */
  plugin?: readonly string[];
  /** Whether the modules that the spec lists are loaded, too. Undefined: they are refused. */
  allowPlugins?: boolean;
  /** Which addresses may be reached without being listed. Undefined: `private`. */
  egress?: EgressReach;
  /** Hosts, addresses and CIDRs that may be reached beside that. Undefined: none. */
  egressAllow?: readonly string[];
  /** The URL of the proxy through which everything goes. Undefined: that of the environment, or none. */
  egressProxy?: string;
};

const kindHeading = 'Trigger kinds:';
const egressHeading = 'What triggers may reach:';

/** The options of every command that knows trigger kinds and reads no spec. */
export function addPluginOption(command: Command): Command {
  return command.addOption(
    new Option('--plugin <module>', 'a module with trigger kinds: ./my-kind.js, or a package; once for each')
      .argParser<string[]>(collected)
      .helpGroup(kindHeading),
  );
}

/** The options of every command that reads a spec. The same for all, so that each judges triggers as the others do. */
export function addKindOptions(command: Command): Command {
  return addPluginOption(command)
    .addOption(
      new Option('--allow-plugins', 'load also the modules that the spec lists under plugins').helpGroup(kindHeading),
    )
    .addOption(
      new Option(
        '--egress <reach>',
        'private: the internet and private networks (default); public; or listed',
      ).helpGroup(egressHeading),
    )
    .addOption(
      new Option('--egress-allow <host>', 'a host, *.domain, address or CIDR beside that; once for each')
        .argParser<string[]>(collected)
        .helpGroup(egressHeading),
    )
    .addOption(
      new Option('--egress-proxy <url>', 'the HTTP proxy for everything (default: AFTERCOMMIT_EGRESS_PROXY)').helpGroup(
        egressHeading,
      ),
    );
}

/** The options as they were given, for a command that is to judge triggers in the same way. */
export function kindFlags({
  plugin = [],
  allowPlugins = false,
  egress,
  egressAllow = [],
  egressProxy,
}: KindOptions): string[] {
  return [
    ...plugin.flatMap((one) => ['--plugin', one]),
    ...(allowPlugins ? ['--allow-plugins'] : []),
    ...(egress === undefined ? [] : ['--egress', egress]),
    ...egressAllow.flatMap((one) => ['--egress-allow', one]),
    ...(egressProxy === undefined ? [] : ['--egress-proxy', withoutLogin(egressProxy)]),
  ];
}

/** I8: what is suggested is printed, and a proxy can have a password. */
function withoutLogin(proxy: string): string {
  if (!URL.canParse(proxy)) return '…';
  const { protocol, host, username, password } = new URL(proxy);
  return `${protocol}//${username === '' && password === '' ? '' : '…@'}${host}`;
}

/** What is given once for each value. */
export function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
