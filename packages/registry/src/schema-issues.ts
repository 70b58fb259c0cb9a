import {
  alternativeFields,
  type ConfigIssue,
  isJsonObject,
  jsonPointer,
  meantFields,
  misspeltName,
  nameMeant,
  pointerAsWritten,
  unknownField,
} from '@aftercommit/models';
import type { TObject } from 'typebox';
import { Settings } from 'typebox/system';
import { Value } from 'typebox/value';

/**
 * Every way in which a value breaks a schema, in words. Values are never quoted: any of them can be a secret that was
 * put into the wrong field. Pointers are relative to the value. A misspelt field counts as the one that is meant.
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
  const properties: Properties = new Map(Object.entries(schema.properties));
  const known = [...properties.keys()];
  const isClosed = 'additionalProperties' in schema && schema.additionalProperties === false;
  const { fields, written } =
    isClosed && isJsonObject(value) ? meantFields(value, known) : { fields: value, written: new Map() };
  const misspelt = [...written.values()].map((name) => unknownFieldIssue('', name, properties));
  const others = issuesIn(schema, fields, { exceptFields, subject });
  return [...misspelt, ...others.map((issue) => ({ ...issue, pointer: pointerAsWritten(issue.pointer, written) }))];
}

function issuesIn(
  schema: TObject,
  value: unknown,
  { exceptFields, subject }: { exceptFields: readonly string[]; subject: string },
): ConfigIssue[] {
  const except = new Set(exceptFields.map((field) => jsonPointer([field])));
  const errors = allErrors(schema, value).filter(({ instancePath }) => !except.has(instancePath));
  const unions = errors.flatMap(({ keyword, schemaPath }) =>
    keyword === 'anyOf' || keyword === 'oneOf' ? [`${schemaPath}/${keyword}/`] : [],
  );
  const meant = fieldsMeant(errors, schema);
  const issues = new Map<string, ConfigIssue>();
  for (const error of errors) {
    // Why each alternative of a union was none is of no use to people.
    if (unions.some((alternatives) => error.schemaPath.startsWith(alternatives))) continue;
    for (const issue of issuesOf(error, schema, value, subject)) {
      // What is missing is there, under a name that is near: one thing is said of it.
      if (isMissing(error) && meant.has(issue.pointer)) continue;
      // The first says most: what comes after at the same place follows from it.
      if (!issues.has(issue.pointer)) issues.set(issue.pointer, issue);
    }
  }
  return [...issues.values()];
}

function isMissing({ keyword }: SchemaError): boolean {
  return keyword === 'required' || keyword === 'dependentRequired' || keyword === 'oneOf';
}

/** Pointers to the fields that unknown ones are near to; of fields that exclude each other, all of them. */
function fieldsMeant(errors: readonly SchemaError[], schema: TObject): Set<string> {
  const pointers = new Set<string>();
  for (const error of errors) {
    if (error.keyword !== 'additionalProperties') continue;
    const properties = propertiesAt(error, schema);
    const alternatives = alternativeFields(schemaAt(error, schema))?.flat() ?? [];
    for (const name of error.params.additionalProperties) {
      const meant = nameMeant(beginningOf(name), [...properties.keys()]);
      if (meant === undefined) continue;
      const all = alternatives.includes(meant) ? alternatives : [meant];
      for (const one of all) pointers.add(`${error.instancePath}${jsonPointer([one])}`);
    }
  }
  return pointers;
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

function issuesOf(error: SchemaError, schema: TObject, whole: unknown, subject: string): ConfigIssue[] {
  const place = error.instancePath;
  const value = () => Value.Pointer.Get(whole, place);
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
      return error.params.additionalProperties.map((name) =>
        unknownFieldIssue(place, name, propertiesAt(error, schema)),
      );
    case 'required':
      return error.params.requiredProperties.map((name) => missingField(place, name, propertiesAt(error, schema)));
    case 'dependentRequired':
      return error.params.dependencies.map((name) => missingField(place, name, propertiesAt(error, schema)));
    case 'enum':
      return invalid(mustBeOneOf(error.params.allowedValues.map(String), value()));
    case 'const':
      return invalid(`must be ${JSON.stringify(error.params.allowedValue)}`);
    case 'type':
      return invalid(`${value() === null ? 'has no value: it ' : ''}must be ${typeInWords(String(error.params.type))}`);
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
  return sentence.replace(/^(?:The|An?|Its?|Where|Whom?|What|Which|When|Whether|How)\b/, (word) => word.toLowerCase());
}

/** `token: s` that became a name as a whole has the secret in it. */
function unknownFieldIssue(place: string, name: string, properties: Properties): ConfigIssue {
  const known = [...properties.keys()];
  const beginning = beginningOf(name);
  const isPlain = beginning === name;
  const message = unknownField(beginning, known);
  return {
    severity: 'error',
    code: 'CONFIG_UNKNOWN_FIELD',
    pointer: isPlain ? `${place}${jsonPointer([name])}` : place,
    message: isPlain ? message : message.replace('no field ', 'no field that begins with '),
  };
}

function beginningOf(name: string): string {
  return /^[^\s:=]*/.exec(name)?.[0] ?? '';
}

/** Which of them is near is said; what stands there is not. */
function mustBeOneOf(allowed: readonly string[], value: unknown): string {
  const list = `must be one of ${allowed.join(', ')}`;
  const meant = typeof value === 'string' ? misspeltName(value, allowed) : undefined;
  if (meant === undefined || typeof value !== 'string') return list;
  return value.toLowerCase() === meant.toLowerCase() ? `${list}: write ${meant}` : `${list} (did you mean "${meant}"?)`;
}

type Properties = ReadonlyMap<string, { description?: string }>;

/** The fields of the object schema that complains. */
function propertiesAt(error: SchemaError, schema: TObject): Properties {
  const { properties = {} } = schemaAt(error, schema) as { properties?: Record<string, { description?: string }> };
  return new Map(Object.entries(properties));
}

function schemaAt({ schemaPath }: SchemaError, schema: TObject): TObject {
  return Value.Pointer.Get(schema, schemaPath.slice(1)) as TObject;
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
