import { alternativeFields, type ConfigIssue, jsonPointer, nearestName } from '@aftercommit/models';
import type { TObject } from 'typebox';
import { Settings } from 'typebox/system';
import { Value } from 'typebox/value';

/**
 * Every way in which a value breaks a schema, in words. Values are never quoted: any of them can be a secret that was
 * put into the wrong field. Pointers are relative to the value.
 *
 * @param exceptFields Fields of the value whose content is not looked at.
 * @param subject What the value is called where it is wrong as a whole.
 */
export function schemaIssues(
  schema: TObject,
  value: unknown,
  exceptFields: readonly string[] = [],
  subject = 'The trigger',
): ConfigIssue[] {
  // Saying what is wrong takes much longer than seeing that nothing is.
  if (Value.Check(schema, value)) return [];
  const except = new Set(exceptFields.map((field) => jsonPointer([field])));
  const errors = allErrors(schema, value).filter(({ instancePath }) => !except.has(instancePath));
  const unions = errors.flatMap(({ keyword, schemaPath }) =>
    keyword === 'anyOf' || keyword === 'oneOf' ? [`${schemaPath}/${keyword}/`] : [],
  );
  const issues = new Map<string, ConfigIssue>();
  for (const error of errors) {
    // Why each alternative of a union was none is of no use to people.
    if (unions.some((alternatives) => error.schemaPath.startsWith(alternatives))) continue;
    for (const issue of issuesOf(error, schema, subject)) {
      // The first says most: what comes after at the same place follows from it.
      if (!issues.has(issue.pointer)) issues.set(issue.pointer, issue);
    }
  }
  return [...issues.values()];
}

type SchemaError = ReturnType<typeof Value.Errors>[number];

/** TypeBox stops after eight errors unless its settings, which the whole process shares, say otherwise. */
function allErrors(schema: TObject, value: unknown): SchemaError[] {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: Number.POSITIVE_INFINITY });
  try {
    return Value.Errors(schema, value);
  } finally {
    Settings.Set({ maxErrors });
  }
}

function issuesOf(error: SchemaError, schema: TObject, subject: string): ConfigIssue[] {
  const place = error.instancePath;
  const invalid = (message: string): ConfigIssue[] => [
    {
      severity: 'error',
      code: 'CONFIG_INVALID',
      pointer: place,
      message: `${place === '' ? subject : fieldAt(place)} ${message}.`,
    },
  ];
  switch (error.keyword) {
    case 'boolean': // The schema of a field that may not be there; additionalProperties names it better.
      return [];
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => unknownField(place, name, propertiesAt(error, schema)));
    case 'required':
      return error.params.requiredProperties.map((name) => missingField(place, name, propertiesAt(error, schema)));
    case 'dependentRequired':
      return error.params.dependencies.map((name) => missingField(place, name, propertiesAt(error, schema)));
    case 'enum':
      return invalid(`must be one of ${error.params.allowedValues.map(String).join(', ')}`);
    case 'const':
      return invalid(`must be ${JSON.stringify(error.params.allowedValue)}`);
    case 'type':
      return invalid(`must be ${typeInWords(String(error.params.type))}`);
    case 'minLength':
      return invalid(
        error.params.limit === 1 ? 'must not be empty' : `must have at least ${error.params.limit} characters`,
      );
    case 'minimum':
      return invalid(`must be at least ${error.params.limit}`);
    case 'maximum':
      return invalid(`must be at most ${error.params.limit}`);
    case 'oneOf':
      return alternativesIssue(error, schema) ?? invalid('has none, or several, of the forms that it may have');
    case 'anyOf':
      return invalid('has none of the forms that it may have');
    default:
      return invalid(error.message);
  }
}

function missingField(place: string, name: string, properties: Properties): ConfigIssue {
  const description = properties.get(name)?.description;
  const hint = description === undefined ? '' : ` (${asPartOfSentence(description)})`;
  return {
    severity: 'error',
    code: 'CONFIG_INVALID',
    pointer: `${place}${jsonPointer([name])}`,
    message: `${name} is missing${hint}.`,
  };
}

/** Of fields that exclude each other there is none, or more than one. It stands at the first: at any, all of them are named. */
function alternativesIssue(
  { instancePath, schemaPath, params }: OneOfError,
  schema: TObject,
): ConfigIssue[] | undefined {
  const found = Value.Pointer.Get(schema, schemaPath.slice(1)) as TObject;
  const [first, ...others] = alternativeFields(found)?.flat() ?? [];
  if (first === undefined) return undefined;
  const missing = missingField(instancePath, first, new Map(Object.entries(found.properties)));
  const message =
    params.passingSchemas.length === 0
      ? `${missing.message} ${others.join(' or ')} can take its place.`
      : `Of ${[first, ...others].join(' and ')} only one can be given. Remove the other.`;
  return [{ ...missing, message }];
}

type OneOfError = Extract<SchemaError, { keyword: 'oneOf' }>;

/** The first sentence of a description. A word that is always written small is so inside of a sentence; a name is not. */
function asPartOfSentence(description: string): string {
  const [sentence = ''] = description.split(/\.(?:\s|$)/);
  return sentence.replace(/^(?:The|An?|Its?|Where|Who|What|Which|When|Whether|How)\b/, (word) => word.toLowerCase());
}

function unknownField(place: string, name: string, properties: Properties): ConfigIssue {
  const known = [...properties.keys()];
  const list = known.length === 0 ? '' : ` Known: ${known.join(', ')}.`;
  // `token: s` that became a name as a whole has the secret in it.
  const [beginning = ''] = /^[^\s:=]*/.exec(name) ?? [];
  const isPlain = beginning === name;
  return {
    severity: 'error',
    code: 'CONFIG_UNKNOWN_FIELD',
    pointer: isPlain ? `${place}${jsonPointer([name])}` : place,
    message: `There is no field ${isPlain ? `"${name}"` : `that begins with "${beginning}"`}${nearestName(beginning, known)}.${list}`,
  };
}

type Properties = ReadonlyMap<string, { description?: string }>;

/** The fields of the object schema that complains. */
function propertiesAt({ schemaPath }: SchemaError, schema: TObject): Properties {
  const found: unknown = Value.Pointer.Get(schema, schemaPath.slice(1));
  const { properties = {} } = found as { properties?: Record<string, { description?: string }> };
  return new Map(Object.entries(properties));
}

/** The JSON pointer as people write it: `headers.Authorization`. */
function fieldAt(pointer: string): string {
  return pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
}

function typeInWords(type: string): string {
  if (type === 'boolean') return 'true or false';
  if (type === 'integer') return 'a whole number';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
