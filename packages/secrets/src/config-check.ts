import { jsonPointer } from '@aftercommit/models';
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
  // That a field may not be there at all ("boolean") is said better by the object that has it.
  const error = Value.Errors(schema, config).find(({ keyword }) => keyword !== 'boolean');
  const place = error?.instancePath ?? '';
  const [problem, fields] = error === undefined ? ['is not as it must be', []] : problemOf(error);
  const pointer = `${place}${jsonPointer(fields.slice(0, 1))}`;
  throw new SecretsError('SECRETS_CONFIG_INVALID', `${label}: ${place || 'it'} ${problem}.`, { pointer });
}

/** What is wrong, and with which fields below the place. */
function problemOf(error: ReturnType<typeof Value.Errors>[number]): [problem: string, fields: string[]] {
  switch (error.keyword) {
    case 'required': {
      const missing = error.params.requiredProperties;
      return [`lacks ${missing.join(', ')}`, missing];
    }
    case 'additionalProperties': {
      const unknown = error.params.additionalProperties;
      return [`has fields that are not known here: ${unknown.join(', ')}`, unknown];
    }
    default:
      return [`breaks its schema (${error.keyword})`, []];
  }
}
