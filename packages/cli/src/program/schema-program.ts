import type { Command } from 'commander';
import { addPluginOption } from '../kinds/kind-options.js';
import type { SchemaArguments } from '../schema/schema-command.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';

/** `aftercommit schema`. */
export function addSchema(program: Command, call: CommandCall): void {
  const schema = addPluginOption(program.command('schema'))
    .description('Prints the JSON Schema of a spec: with it, editors complete fields and find mistakes.')
    .option('--json', 'print it in one line, as { "event": "schema", "schema": … }')
    .action(async (options: Partial<SchemaArguments>) => {
      const { schemaCommand } = await import('../schema/schema-command.js');
      await call.does(schemaCommand, { json: false, ...options });
    });
  addHelpPage(schema, {
    examples: {
      'aftercommit schema > aftercommit.schema.json': '',
      'aftercommit schema --plugin @aftercommit/nats > aftercommit.schema.json': 'with the kinds of a plugin',
    },
    exitCodes: { 0: 'it is printed', 2: 'a plugin cannot be used' },
  });
}
