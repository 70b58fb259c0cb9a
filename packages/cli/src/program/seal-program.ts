import type { Command } from 'commander';
import { addKindOptions, collected, type KindOptions } from '../kinds/kind-options.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { jsonOption, materializationArgument, specArgument } from './shared-options.js';

/** `aftercommit seal`. */
export function addSeal(program: Command, call: CommandCall): void {
  const seal = program
    .command('seal')
    .description(
      'Encrypts the secrets of a spec in place, and protects what goes with them, such as URLs. Comments stay. Afterwards payloadTemplate, timeout, maxAttempts, interval and onFailure can still be edited; the rest needs aftercommit set.',
    )
    .argument(...specArgument)
    .argument(...materializationArgument)
    .option('--age <recipient>', 'who can open it: age1…, once for each (default: SOPS_AGE_RECIPIENTS)', collected)
    .option('--service <url>', 'an encryption service that seals with keys of its own')
    .option(...jsonOption)
    .action(async (specPath: string, materialization: string | undefined, options: SealOptions) => {
      const { age: recipients = [], ...rest } = options;
      const wanted = materialization === undefined ? {} : { materialization };
      const { sealCommand } = await import('../sealed/seal-command.js');
      await call.does(sealCommand, { json: false, ...rest, ...wanted, recipients, specPath });
    });
  addKindOptions(seal);
  addHelpPage(seal, {
    examples: {
      'age-keygen -o key.txt': 'prints the recipient, age1…',
      'aftercommit seal weather.yaml --age age1…': '',
      'SOPS_AGE_KEY_FILE=key.txt aftercommit run weather.yaml': '',
    },
    exitCodes: {
      0: 'it is sealed, or was before',
      1: 'it cannot be sealed; nothing was changed',
      2: 'the spec or the arguments are wrong; nothing was changed',
    },
  });
}

type SealOptions = KindOptions & { age?: string[]; service?: string; json?: boolean };
