import type { Command } from 'commander';
import { addPluginOption } from '../kinds/kind-options.js';
import type { SchemaArguments } from '../schema/schema-command.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { jsonOption } from './shared-options.js';

/** `aftercommit schema`. */
export function addSchema(program: Command, call: CommandCall): void {
  const schema = program
    .command('schema')
    .description('Prints the JSON Schema of a spec: with it, editors complete fields and find mistakes.')
    .option(...jsonOption)
    .action(async (options: Partial<SchemaArguments>) => {
      const { schemaCommand } = await import('../schema/schema-command.js');
      await call.does(schemaCommand, { json: false, ...options });
    });
  addPluginOption(schema);
  addHelpPage(schema, {
    examples: {
      'aftercommit schema > aftercommit.schema.json': '',
      'aftercommit schema --plugin @aftercommit/nats > aftercommit.schema.json': 'with the kinds of a plugin',
    },
    exitCodes: { 0: 'it is printed', 2: 'a plugin cannot be used' },
  });
}
