import type { EgressReach } from '@aftercommit/registry';
import { type Command, Option } from 'commander';

/** What a command is told of trigger kinds: which there are beside the built-in ones, and what they may do. */
export type KindOptions = {
  /** Modules with kinds: files, relative to the working folder, and names of packages. Undefined: none. */
  plugin?: readonly string[];
  /** Whether the modules that the spec lists are loaded, too. Undefined: they are refused. */
  allowPlugins?: boolean;
  /** `--allow-command`: programs, and folders of programs, that triggers may run: absolute paths. Undefined: none. */
  allowCommand?: readonly string[];
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
      .argParser(collected)
      .helpGroup(kindHeading),
  );
}

/** The options of every command that reads a spec. The same for all, so that each judges triggers as the others do. */
export function addKindOptions(command: Command): Command {
  const option = (flags: string, description: string): Option => new Option(flags, description).helpGroup(kindHeading);
  const egress = (flags: string, description: string): Option => option(flags, description).helpGroup(egressHeading);
  return addPluginOption(command)
    .addOption(option('--allow-plugins', 'load also the modules that the spec lists under plugins'))
    .addOption(
      option(
        '--allow-command <path>',
        'a program that triggers may run, or a folder/ of them; once for each',
      ).argParser(collected),
    )
    .addOption(egress('--egress <reach>', 'private: the internet and private networks (default); public; or listed'))
    .addOption(
      egress('--egress-allow <host>', 'a host, *.domain, address or CIDR beside that; once for each').argParser(
        collected,
      ),
    )
    .addOption(egress('--egress-proxy <url>', 'the HTTP proxy for everything (default: AFTERCOMMIT_EGRESS_PROXY)'));
}

/** The options as they were given, for a command that is to judge triggers in the same way. */
export function kindFlags({
  plugin = [],
  allowPlugins = false,
  allowCommand = [],
  egress,
  egressAllow = [],
  egressProxy,
}: KindOptions): string[] {
  return [
    ...plugin.flatMap((one) => ['--plugin', one]),
    ...(allowPlugins ? ['--allow-plugins'] : []),
    ...allowCommand.flatMap((one) => ['--allow-command', one]),
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
