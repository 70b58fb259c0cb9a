import type { Command } from 'commander';
import { addKindOptions, collected, type KindOptions } from '../kinds/kind-options.js';
import type { CommandCall } from './command-call.js';
import { specArgument } from './shared-options.js';

/** `aftercommit seal`. */
export function addSeal(program: Command, call: CommandCall): void {
  const seal = program
    .command('seal')
    .description(
      'Encrypts the secrets of a spec in place, and protects what goes with them, such as URLs. Comments stay.',
    )
    .argument(...specArgument)
    .argument('[materialization]', 'only this one')
    .option('--age <recipient>', 'who can open it: age1…, once for each (default: SOPS_AGE_RECIPIENTS)', collected, [])
    .option('--service <url>', 'an encryption service that seals with keys of its own')
    .addHelpText('after', examples)
    .action(async (specPath: string, materialization: string | undefined, options: SealOptions) => {
      const { age: recipients, ...rest } = options;
      const { sealCommand } = await import('../sealed/seal-command.js');
      await call.does(sealCommand, { ...rest, recipients, specPath, ...(materialization && { materialization }) });
    });
  addKindOptions(seal);
}

type SealOptions = KindOptions & { age: string[]; service?: string };

const examples = `
Examples:
  $ age-keygen -o key.txt                                      prints the recipient, age1…
  $ aftercommit seal weather.yaml --age age1…
  $ SOPS_AGE_KEY_FILE=key.txt aftercommit run weather.yaml

Afterwards payloadTemplate, timeout, maxAttempts, interval and onFailure can still be edited. URL, method and the names of headers cannot:
use aftercommit set. Exit codes: 0 sealed · 1 it cannot be sealed · 2 the spec or the arguments are wrong`;
