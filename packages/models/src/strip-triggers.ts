import { fieldsOf, rebuilt, restoreConfig, stripConfig } from './strip-config.js';
import { type KindSchemas, schemaOfTriggers } from './trigger-schema.js';

/**
 * The value of `triggers` without its nonsensitive fields, as it is sealed. Runs in a browser.
 *
 * @param triggers A list, or a map from name to trigger, of plain objects or of maps; sealed or not.
 */
export function stripTriggers(triggers: unknown, schemaOf: KindSchemas): unknown {
  return stripConfig(schemaOfTriggers(triggers, schemaOf), triggers);
}

/**
 * Puts the nonsensitive fields back into stripped triggers, by the name of each trigger and never by its position. Runs in a
 * browser.
 *
 * @param stripped As `stripTriggers` left it, sealed meanwhile or not: a map from name to trigger.
 * @param from What was stripped: a map, or a list in which every trigger has a name.
 * @throws TypeError when `stripped` is no map, or a trigger of a list has no name.
 */
export function restoreTriggers(stripped: unknown, from: unknown, schemaOf: KindSchemas): unknown {
  const config = new Map(fieldsOf(stripped)).get('config');
  if (Array.isArray(config) || fieldsOf(config) === undefined) {
    throw new TypeError('Nonsensitive fields can be put back into a map from name to trigger only.');
  }
  return restoreConfig(schemaOfTriggers(stripped, schemaOf), stripped, nameTriggers(from));
}

/**
 * The value of `triggers` as a map from name to trigger. A map is given back as it is.
 *
 * @param names What each trigger of a list is called, in order. Undefined: by its own `name`.
 * @throws TypeError when a trigger of a list has no name. Whether names are legal and different is not looked at.
 */
export function nameTriggers(triggers: unknown, names?: readonly string[]): unknown {
  const fields = fieldsOf(triggers) ?? [];
  const config = new Map(fields).get('config');
  if (!Array.isArray(config)) return triggers;
  const named = config.map((trigger: unknown, index): [string, unknown] => {
    const own = fieldsOf(trigger) ?? [];
    const name = names === undefined ? new Map(own).get('name') : names[index];
    if (typeof name !== 'string') throw new TypeError(`The trigger at /config/${index} has no name.`);
    return [
      name,
      rebuilt(
        trigger,
        own.filter(([field]) => field !== 'name'),
      ),
    ];
  });
  const map = rebuilt(triggers, named);
  return rebuilt(
    triggers,
    fields.map(([name, value]) => [name, name === 'config' ? map : value]),
  );
}
