import type { Command } from 'commander';
import { addKindOptions } from '../kinds/kind-options.js';
import type { PreviewArguments } from '../preview/preview-command.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { addChoiceOptions, addStateOptions, jsonOption, specArgument, windowOption } from './shared-options.js';

/** `aftercommit preview`. */
export function addPreview(program: Command, call: CommandCall): void {
  const preview = program
    .command('preview')
    .description(
      'Shows what each trigger would send: target, headers and payload, and where a template goes wrong. Sends nothing. Sealed configurations need no key.',
    )
    .argument(...specArgument)
    .option(...windowOption)
    .action(async (specPath: string, options: Partial<PreviewArguments>) => {
      const { previewCommand } = await import('../preview/preview-command.js');
      await call.does(previewCommand, { json: false, ...options, specPath });
    });
  addStateOptions(addChoiceOptions(preview).option(...jsonOption));
  addKindOptions(preview);
  addHelpPage(preview, {
    examples: {
      'aftercommit preview weather.yaml': 'of the last commit, or of a placeholder',
      'aftercommit preview weather.yaml --trigger slack': 'only this one',
      'aftercommit preview weather.yaml --window window.json': 'of other variables: {"docs_total": 3}',
      'aftercommit preview weather.yaml --json | jq -r .payload.text': 'each payload as it would be sent',
    },
    exitCodes: {
      0: 'every payload would be sent',
      1: 'the state cannot be read',
      2: 'a payload cannot be made or is no JSON, or the spec, the window or the arguments are wrong',
    },
  });
}
