export type { CommandConfig } from './command-config.js';
export { CommandError, type CommandErrorCode, isCommandError } from './command-error.js';
export { type CommandOptions, commandKind } from './command-kind.js';
