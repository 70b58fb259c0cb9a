import { Argument, type Command } from 'commander';
import type { Shell } from '../completion/shell-scripts.js';
import { exitCodes } from '../exit-code.js';
import type { CommandCall } from './command-call.js';
import { addHelpPage } from './help-page.js';
import { jsonOption } from './shared-options.js';

/** `aftercommit completion`, and the command that its scripts ask. */
export function addCompletion(program: Command, call: CommandCall): void {
  const completion = program
    .command('completion')
    .description('Prints the script with which a shell completes commands, options, kinds, files and names of a spec.')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish']))
    .option(...jsonOption)
    .action(async (shell: Shell, { json = false }: { json?: boolean }) => {
      const { shellScripts } = await import('../completion/shell-scripts.js');
      const script = shellScripts[shell];
      call.outputs.stdout.write(json ? `${JSON.stringify({ event: 'completion', shell, script })}\n` : script);
      call.exitCode = exitCodes.done;
    });
  addHelpPage(completion, {
    examples: {
      'eval "$(aftercommit completion bash)"': 'in ~/.bashrc',
      'eval "$(aftercommit completion zsh)"': 'in ~/.zshrc, below compinit',
      'aftercommit completion fish | source': 'in ~/.config/fish/config.fish',
    },
    exitCodes: { 0: 'it is printed', 2: 'there is no script for that shell' },
  });
  program
    .command('__complete [words...]', { hidden: true })
    .description('Says what the last word of a line may become, for the scripts of completion.')
    .action(async (words: string[]) => {
      const { completeCommand } = await import('../completion/complete-command.js');
      await call.does(completeCommand, { program, words });
    });
}
