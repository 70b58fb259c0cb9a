import { basename } from 'node:path';
import { defineTriggerKind, type TriggerKind } from '@aftercommit/registry';
import { AllowedPrograms } from './allowed-programs.js';
import { commandConfigSchema } from './command-config.js';
import { CommandError } from './command-error.js';
import { CommandTrigger } from './command-trigger.js';
import { checkConfig } from './config-check.js';

/** What the operator says of commands, where a specification says nothing. */
export type CommandOptions = {
  /**
   * The programs that triggers may run: absolute paths. One that ends in a slash allows the programs in that folder and in
   * those below it. None: every trigger of the kind is refused, and told what to do.
   */
  allow: readonly string[];
  /** Where PATH, HOME, LANG and TZ of the programs come from. Undefined: from the environment of this process. */
  environment?: Readonly<Record<string, string | undefined>>;
};

/**
 * The trigger kind `command`: one attempt is one run of a local program, whose exit code decides how it went.
 *
 * @throws CommandError `ALLOWED_PATH_INVALID` when a path that is to be allowed is not absolute.
 */
export function commandKind(options: CommandOptions): TriggerKind<typeof commandConfigSchema> {
  const allowed = new AllowedPrograms(options.allow);
  const ownEnvironment = options.environment ?? process.env;
  return defineTriggerKind({
    contractVersion: 1,
    kind: 'command',
    configSchema: commandConfigSchema,
    validate: (config) => checkConfig(config, allowed),
    // Of a path only the last part: it stands where others have their host.
    describeTarget: ({ program }) => `command://${basename(program)}`,
    async open(config, environment) {
      // Again: whoever opens a trigger by hand has not necessarily asked validate.
      const [problem] = checkConfig(config, allowed).filter(({ severity }) => severity === 'error');
      if (problem !== undefined) throw new CommandError('COMMAND_REFUSED', problem.message);
      return new CommandTrigger(config, { allowed, ownEnvironment }, environment);
    },
  });
}
