import type { Command } from 'commander';
import type { InitArguments } from '../init/init-command.js';
import { addKindOptions, collected } from '../kinds/kind-options.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { jsonOption } from './shared-options.js';

/** The spec that is written where no other is named. */
const usualSpec = 'aftercommit.yaml';

/** `aftercommit init`. */
export function addInit(program: Command, call: CommandCall): void {
  const init = program
    .command('init')
    .description('Writes a spec to begin with: asks what it cannot find out. Never writes over a file.')
    .argument('[spec]', 'the file that is written', usualSpec)
    .option('-y, --yes', 'ask nothing: what no option says is what is usual')
    .option('--data <pattern>', 'what is read: a file or a glob, relative to the spec; once for each', collected)
    .option('--key <field>', 'a field that identifies a document: id or /order/id; once for each', collected)
    .option('--endpoint <name>', 'where the rows go: sqlite or postgres')
    .option('--endpoint-field <name=value>', 'a field of the endpoint: path=weather.db; once for each', collected)
    .option('--table <name>', 'the table that is kept up to date')
    .option('--kind <kind>', 'who is told after each commit: a trigger kind, or none')
    .option('--field <name=value>', 'a field of the trigger: url=https://…; once for each', collected)
    .option(...jsonOption)
    .action(async (specPath: string, options: Partial<InitArguments>) => {
      const { initCommand } = await import('../init/init-command.js');
      await call.does(initCommand, { ...initDefaults, ...options, specPath });
    });
  addHelpPage(addKindOptions(init), {
    examples: {
      'aftercommit init': 'asks',
      'aftercommit init --yes && aftercommit run aftercommit.yaml': '',
      'aftercommit init orders.yaml --yes --data "orders/*.ndjson" --key id --kind webhook --field url=https://example.com/hook':
        '',
      'pass show hooks/slack | aftercommit init --yes --kind slack': '',
    },
    exitCodes: {
      0: 'it is written',
      2: 'there is such a file already, an answer is wrong or missing, or there is nobody to ask',
      130: 'it was ended with Ctrl-C: nothing is written',
    },
  });
}

const initDefaults = { yes: false, json: false, data: [], key: [], endpointField: [], field: [] };
