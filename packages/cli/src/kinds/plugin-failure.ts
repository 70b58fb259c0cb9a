import type { RegistryErrorCode } from '@aftercommit/registry';
import { UsageError } from '../errors/usage-error.js';

/**
 * - `PLUGIN_NOT_ALLOWED`: a spec lists plugins, and nobody has allowed them.
 * - `PLUGIN_NAME_INVALID`: it is neither a file nor the name of a package.
 * - `PLUGIN_NOT_FOUND`: there is no such file, or the package has no such module.
 * - `PLUGIN_NOT_INSTALLED`: there is no such package.
 * - `PLUGIN_TYPESCRIPT`: it is written in TypeScript, which this Node cannot load.
 * - `PLUGIN_SYNTAX`: it cannot be parsed, or imports a name that is not exported.
 * - `PLUGIN_FAILED`: it threw or ended the process while it was loaded, or imports something that is not there.
 * - `PLUGIN_TIMEOUT`: loading it did not end.
 * - `PLUGIN_WITHOUT_KIND`: it exports no trigger kind.
 *
 * And those of a registry that refuses its kinds.
 */
export type PluginFailureCode =
  | 'PLUGIN_NOT_ALLOWED'
  | 'PLUGIN_NAME_INVALID'
  | 'PLUGIN_NOT_FOUND'
  | 'PLUGIN_NOT_INSTALLED'
  | 'PLUGIN_TYPESCRIPT'
  | 'PLUGIN_SYNTAX'
  | 'PLUGIN_FAILED'
  | 'PLUGIN_TIMEOUT'
  | 'PLUGIN_WITHOUT_KIND'
  | RegistryErrorCode;

/** Why a plugin, or a kind of it, cannot be used. */
export type PluginFailure = {
  /** As it was given. */
  plugin: string;
  code: PluginFailureCode;
  /** A sentence that names the plugin and says what to do. */
  message: string;
};

/** Plugins that were given as arguments, and cannot be used. */
export class PluginError extends UsageError {
  readonly failures: readonly PluginFailure[];

  constructor(failures: readonly PluginFailure[]) {
    super(failures.map(({ code, message }) => `${code}: ${message}`).join('\n'));
    this.name = 'PluginError';
    this.failures = failures;
  }
}
