import { readMetadata, recipientsOf } from './metadata.js';
import type { OrderedObject } from './ordered-value.js';

/**
 * Who can open a sealed configuration, or a part of its key: `age1…`, and the names of keys in clouds. Nothing is opened, and no seal is verified.
 *
 * @param label What the configuration is called in errors.
 * @throws SecretsError `SECRETS_METADATA_INVALID` or `SECRETS_UNSUPPORTED`, also when it is not sealed.
 */
export function sealedFor(config: OrderedObject, label: string): string[] {
  return recipientsOf(readMetadata(config.get('sops') ?? null, label));
}
