import { type ConfigIssue, jsonPointer } from '@aftercommit/models';
import type { TObject } from 'typebox';
import { Value } from 'typebox/value';
import { nearestName } from './nearest-name.js';

/** Durations are read, and complained about, by whoever turns them into milliseconds. */
const durationFields = new Set(['/timeout', '/interval']);

/**
 * Every way in which a value breaks a schema, in words. Values are never quoted: any of them can be a secret that was
 * put into the wrong field. Pointers are relative to the value.
 */
export function schemaIssues(schema: TObject, value: unknown): ConfigIssue[] {
  const issues = new Map<string, ConfigIssue>();
  for (const error of Value.Errors(schema, value)) {
    if (durationFields.has(error.instancePath)) continue;
    for (const issue of issuesOf(error, schema)) {
      // The first says most: what comes after at the same place follows from it.
      if (!issues.has(issue.pointer)) issues.set(issue.pointer, issue);
    }
  }
  return [...issues.values()];
}

type SchemaError = ReturnType<typeof Value.Errors>[number];

function issuesOf(error: SchemaError, schema: TObject): ConfigIssue[] {
  const place = error.instancePath;
  const field = place === '' ? 'The trigger' : place.slice(1).replaceAll('/', '.');
  const invalid = (message: string): ConfigIssue[] => [
    { severity: 'error', code: 'CONFIG_INVALID', pointer: place, message },
  ];
  switch (error.keyword) {
    case 'boolean': // The schema of a field that may not be there; additionalProperties names it better.
      return [];
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => unknownField(place, name, schema));
    case 'required':
      return error.params.requiredProperties.map((name) => ({
        severity: 'error',
        code: 'CONFIG_INVALID',
        pointer: `${place}${jsonPointer([name])}`,
        message: `${name} is missing${hint(schema, name)}.`,
      }));
    case 'enum':
      return invalid(`${field} must be one of ${error.params.allowedValues.map(String).join(', ')}.`);
    case 'type':
      return invalid(`${field} must be ${article(String(error.params.type))}.`);
    default:
      return invalid(`${field} ${error.message}.`);
  }
}

function unknownField(place: string, name: string, schema: TObject): ConfigIssue {
  const known = place === '' ? Object.keys(schema.properties) : [];
  const list = known.length === 0 ? '' : ` Known: ${known.join(', ')}.`;
  return {
    severity: 'error',
    code: 'CONFIG_UNKNOWN_FIELD',
    pointer: `${place}${jsonPointer([name])}`,
    message: `There is no field "${name}"${nearestName(name, known)}.${list}`,
  };
}

function hint(schema: TObject, name: string): string {
  const description: unknown = (schema.properties[name] as { description?: unknown } | undefined)?.description;
  return typeof description === 'string' ? `: ${description.replace(/\.$/, '')}` : '';
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
