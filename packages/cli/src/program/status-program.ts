import type { Command } from 'commander';
import type { Looking } from '../kept/kept-state.js';
import { statusCommand } from '../kept/status-command.js';
import { addKindOptions } from '../kinds/kind-options.js';
import type { CommandCall } from './command-call.js';
import { addStateOptions } from './shared-options.js';

/** `aftercommit status`. */
export function addStatus(program: Command, call: CommandCall): void {
  const status = program
    .command('status')
    .description('Says how far every materialization is, and what its triggers hold. A run may go on beside it.')
    .argument('[spec]', 'the spec: YAML or JSON (default: everything in --store, and who runs it)')
    .option('--json', 'print one JSON object per materialization, and without a spec per worker')
    .action(async (specPath: string | undefined, options: Partial<Looking>) => {
      const given = { json: false, ...options };
      if (specPath !== undefined) return await call.does(statusCommand, { ...given, specPath });
      const { fleetStatusCommand } = await import('../fleet/fleet-status-command.js');
      return await call.does(fleetStatusCommand, given);
    });
  addKindOptions(addStateOptions(status));
}
