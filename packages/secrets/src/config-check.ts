import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { SecretsError } from './secrets-error.js';

/**
 * Sees to it that a configuration has what its closed schema says and nothing else. Values are not quoted: any can be a secret.
 *
 * @throws SecretsError `SECRETS_CONFIG_INVALID` with the first place that breaks the schema.
 */
export function checkConfig(schema: TSchema, config: unknown, label: string): void {
  if (Value.Check(schema, config)) return;
  const [error] = Value.Errors(schema, config);
  const pointer = error?.instancePath ?? '';
  const problem = error === undefined ? 'is not as it must be' : problemOf(error);
  throw new SecretsError('SECRETS_CONFIG_INVALID', `${label}: ${pointer || 'it'} ${problem}.`, { pointer });
}

function problemOf(error: ReturnType<typeof Value.Errors>[number]): string {
  switch (error.keyword) {
    case 'required':
      return `lacks ${error.params.requiredProperties.join(', ')}`;
    case 'additionalProperties':
      return `has fields that are not known here: ${error.params.additionalProperties.join(', ')}`;
    default:
      return `breaks its schema (${error.keyword})`;
  }
}
