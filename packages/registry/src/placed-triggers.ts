import { isJsonObject, type Json, type JsonObject, jsonPointer, misspeltName } from '@aftercommit/models';
import type { IssueList } from './issue-list.js';

/** A trigger and where it stands; with its key when that is in a map. */
export type PlacedTrigger = { pointer: string; key: string | undefined; value: unknown };

/** What is known where triggers are looked for. */
export type TriggerPlaces = {
  /** The names of the fields of all kinds. Not read before something is wrong. */
  triggerFields: () => ReadonlySet<string>;
  issues: IssueList;
};

/** The triggers of a list, or a map from name to trigger. Those that stand a level too high are said to, and found all the same. */
export function triggersIn(config: Json[] | JsonObject, pointer: string, places: TriggerPlaces): PlacedTrigger[] {
  if (Array.isArray(config)) return inList(config, pointer, places);
  const entries = Object.entries(config);
  const isOne = entries.some(([name, value]) => !isJsonObject(value) && isFieldName(name, places));
  const own = isOne ? entries.filter(([name, value]) => isOwnField(name, value, places)) : [];
  const others = entries.filter((entry) => !own.includes(entry));
  return [...unnamed(own, pointer, 'a name', places), ...named(others, pointer)];
}

/** The triggers of a list that stands where a mapping with `config` belongs. */
export function triggersInPlaceOfConfig(list: Json[], places: TriggerPlaces): PlacedTrigger[] {
  const message = 'The list of triggers belongs below config: write triggers: { config: [ … ] }.';
  places.issues.error('CONFIG_INVALID', '', message);
  return inList(list, '', places);
}

/** The triggers that stand beside `config`, where there is none. What is left is for others to say something of. */
export function triggersBesideConfig(
  fields: JsonObject,
  places: TriggerPlaces,
): { triggers: PlacedTrigger[]; others: string[] } {
  const entries = Object.entries(fields);
  const triggers = entries.filter(([, value]) => looksLikeTrigger(value, places));
  const own = entries.filter((entry) => !triggers.includes(entry) && isFieldName(entry[0], places));
  if (own.length > 0) {
    const rest = entries.filter((entry) => !triggers.includes(entry));
    return { triggers: [...unnamed(rest, '', 'config and a name', places), ...named(triggers, '')], others: [] };
  }
  const wrap = triggers.length > 0 ? ' Put what is here inside of it.' : '';
  const message = `config is missing: write a list of triggers, or a map from name to trigger.${wrap}`;
  places.issues.error('CONFIG_INVALID', '/config', message);
  const others = entries.filter((entry) => !triggers.includes(entry)).map(([name]) => name);
  return { triggers: named(triggers, ''), others };
}

/** Array.from, because a hole of an array is a missing trigger and not a trigger less. */
function inList(list: Json[], base: string, places: TriggerPlaces): PlacedTrigger[] {
  return Array.from(list, (value, index) => {
    const pointer = `${base}/${index}`;
    const [entry, ...others] = isJsonObject(value) ? Object.entries(value) : [];
    if (entry === undefined || others.length > 0 || !looksLikeTrigger(entry[1], places)) {
      return { pointer, key: undefined, value };
    }
    const [key, trigger] = entry;
    const inner = `${pointer}${jsonPointer([key])}`;
    const message = `"${key}" looks like the name of a trigger. In a list that is a field of the trigger: write name: ${key}. Or write config as a map, without the dashes.`;
    places.issues.error('CONFIG_UNKNOWN_FIELD', inner, message);
    return { pointer: inner, key, value: trigger };
  });
}

function named(entries: ReadonlyArray<[string, Json]>, base: string): PlacedTrigger[] {
  return entries.map(([key, value]) => ({ pointer: `${base}${jsonPointer([key])}`, key, value }));
}

/** One trigger whose fields stand where the names of triggers belong. */
function unnamed(
  fields: ReadonlyArray<[string, Json]>,
  base: string,
  missing: string,
  places: TriggerPlaces,
): PlacedTrigger[] {
  const [first] = fields;
  if (first === undefined) return [];
  const names = fields.map(([name]) => name);
  const list = names.length === 1 ? `${names[0]} is a field` : `${inWords(names)} are fields`;
  const message = `${list} of a trigger. Put ${names.length === 1 ? 'it' : 'them'} below ${missing}: config: { my-trigger: { ${names[0]}: …${names.length > 1 ? ', …' : ''} } }.`;
  places.issues.error('CONFIG_UNKNOWN_FIELD', `${base}${jsonPointer([first[0]])}`, message);
  return [{ pointer: base, key: undefined, value: Object.fromEntries(fields) }];
}

/** Of a trigger without a name: all but what is a trigger of its own. */
function isOwnField(name: string, value: Json, places: TriggerPlaces): boolean {
  if (!isJsonObject(value)) return true;
  return isFieldName(name, places) && !looksLikeTrigger(value, places);
}

function isFieldName(name: string, { triggerFields }: TriggerPlaces): boolean {
  return triggerFields().has(name) || misspeltName(name, [...triggerFields()]) !== undefined;
}

function looksLikeTrigger(value: unknown, { triggerFields }: TriggerPlaces): boolean {
  return isJsonObject(value) && Object.keys(value).some((name) => triggerFields().has(name));
}

function inWords(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
