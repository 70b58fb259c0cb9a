import { type Command, Option } from 'commander';

/** What a command is told of trigger kinds: which there are beside the built-in ones. */
export type KindOptions = {
  /** Modules with kinds: files, relative to the working folder, and names of packages. Undefined: none. */
  plugin?: readonly string[];
  /** Whether the modules that the spec lists are loaded, too. Undefined: they are refused. */
  allowPlugins?: boolean;
};

const heading = 'Trigger kinds:';

/** The options of every command that knows trigger kinds and reads no spec. */
export function addPluginOption(command: Command): Command {
  return command.addOption(
    new Option('--plugin <module>', 'a module with trigger kinds: ./my-kind.js, or a package; once for each')
      .argParser<string[]>(collected)
      .helpGroup(heading),
  );
}

/** The options of every command that reads a spec. The same for all, so that each knows the kinds that the others know. */
export function addKindOptions(command: Command): Command {
  return addPluginOption(command).addOption(
    new Option('--allow-plugins', 'load also the modules that the spec lists under plugins').helpGroup(heading),
  );
}

/** The options as they were given, for a command that is to know the same kinds. */
export function kindFlags({ plugin = [], allowPlugins = false }: KindOptions): string[] {
  return [...plugin.flatMap((one) => ['--plugin', one]), ...(allowPlugins ? ['--allow-plugins'] : [])];
}

/** What is given once for each value. */
export function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
