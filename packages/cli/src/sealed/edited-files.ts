import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { OrderedObject } from '@aftercommit/secrets';
import { systemReason, UsageError } from '../errors/usage-error.js';
import { replaceConfig } from './edit-config.js';
import type { SpecConfig } from './spec-configs.js';

/** Files whose configurations are changed. Nothing is written before all of it is known. */
export class EditedFiles {
  readonly #texts = new Map<string, { name: string; text: string }>();

  replace({ file: { name, path }, pathInFile }: SpecConfig, value: OrderedObject): void {
    const { text } = this.#texts.get(path) ?? { text: readFileSync(path, 'utf8') };
    this.#texts.set(path, { name, text: replaceConfig(text, pathInFile, value) });
  }

  /**
   * Writes each file whole or not at all.
   *
   * @throws UsageError when one cannot be written.
   */
  write(): void {
    for (const [path, { name, text }] of this.#texts) {
      const beside = `${path}.${process.pid}.new`;
      try {
        writeFileSync(beside, text, { mode: 0o600, flag: 'wx' });
        chmodSync(beside, statSync(path).mode);
        renameSync(beside, path);
      } catch (cause) {
        rmSync(beside, { force: true });
        throw new UsageError(`${name} cannot be written (${systemReason(cause).words}): look at its permissions.`, {
          cause,
        });
      }
    }
  }
}
