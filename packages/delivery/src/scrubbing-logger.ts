import type { Json, JsonObject } from '@aftercommit/models';
import type { Logger } from '@aftercommit/registry';
import type { Redactor } from '@aftercommit/registry/redaction';

/**
 * A logger for trigger kinds: whatever they say, no secret gets through (I8), and who says it is known.
 *
 * @param about What every message has among its fields: no field of a kind takes its place.
 */
export function scrubbingLogger(logger: Logger, redactor: Redactor, about: JsonObject): Logger {
  const withAbout = (fields: JsonObject = {}): JsonObject => ({ ...scrubObject(fields, redactor), ...about });
  return {
    info: (message, fields) => logger.info(redactor.scrub(message), withAbout(fields)),
    warn: (message, fields) => logger.warn(redactor.scrub(message), withAbout(fields)),
  };
}

function scrubObject(fields: JsonObject, redactor: Redactor): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [redactor.scrub(name), scrubValue(value, redactor)]),
  );
}

function scrubValue(value: Json, redactor: Redactor): Json {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((inner) => scrubValue(inner, redactor));
  if (typeof value === 'object') return scrubObject(value, redactor);
  const text = String(value);
  const clean = redactor.scrub(text);
  return clean === text ? value : clean;
}
