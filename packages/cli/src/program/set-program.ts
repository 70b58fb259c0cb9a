import type { Command } from 'commander';
import { addKindOptions } from '../kinds/kind-options.js';
import type { SetArguments } from '../sealed/set-command.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { jsonOption, specArgument } from './shared-options.js';

/** `aftercommit set`. */
export function addSet(program: Command, call: CommandCall): void {
  const set = program
    .command('set')
    .description(
      'Adds, corrects or removes a trigger, or one field of it, in sealed triggers. Needs a key, and no other secret. The value is asked for, or read from standard input. It is never an argument: those can be seen by everybody on a machine.',
    )
    .argument(...specArgument)
    .argument('<materialization>', 'its name')
    .argument('<trigger>', 'its name')
    .argument('[field]', 'such as headers.Authorization or url (default: the whole trigger, as YAML or JSON)')
    .option('--remove', 'remove it')
    .option(...jsonOption)
    .action(async (...[specPath, materialization, trigger, field, options]: SetAction) => {
      const wanted = field === undefined ? {} : { field };
      const { setCommand } = await import('../sealed/set-command.js');
      const defaults = { remove: false, json: false };
      await call.does(setCommand, { ...defaults, ...options, ...wanted, specPath, materialization, trigger });
    });
  addKindOptions(set);
  addHelpPage(set, {
    examples: {
      'aftercommit set weather.yaml acmeCo/views/weather slack headers.Authorization': '',
      'pass show hooks/dbt | aftercommit set weather.yaml acmeCo/views/weather dbt headers.Authorization': '',
      'aftercommit set weather.yaml acmeCo/views/weather pager < pager.yaml': '',
      'aftercommit set weather.yaml acmeCo/views/weather pager --remove': '',
    },
    exitCodes: {
      0: 'it is set or removed, and sealed again',
      1: 'no key opens it, it was changed after it was sealed, or it cannot be sealed; nothing was changed',
      2: 'the spec, the arguments or the value are wrong; nothing was changed',
    },
  });
}

type SetAction = [string, string, string, string | undefined, Partial<SetArguments>];
