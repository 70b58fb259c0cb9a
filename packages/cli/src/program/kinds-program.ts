import type { Command } from 'commander';
import { addPluginOption } from '../kinds/kind-options.js';
import type { KindsArguments } from '../kinds/kinds-command.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { jsonOption } from './shared-options.js';

/** `aftercommit kinds`. */
export function addKinds(program: Command, call: CommandCall): void {
  const kinds = program
    .command('kinds')
    .description('Lists the trigger kinds with their fields, or says everything about one. Reads no spec.')
    .argument('[kind]', 'only this one')
    .option(...jsonOption)
    .action(async (kind: string | undefined, options: Partial<KindsArguments>) => {
      const { kindsCommand } = await import('../kinds/kinds-command.js');
      await call.does(kindsCommand, { json: false, ...options, ...(kind !== undefined && { kind }) });
    });
  addPluginOption(kinds);
  addHelpPage(kinds, {
    examples: {
      'aftercommit kinds': '',
      'aftercommit kinds webhook': '',
      'aftercommit kinds --plugin ./my-kind.js --plugin @aftercommit/nats': '',
      'aftercommit kinds --json | jq -r .kind': '',
    },
    exitCodes: { 0: 'they are listed', 2: 'a plugin cannot be used, or there is no such kind' },
  });
}
