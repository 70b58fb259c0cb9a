import { type ConfigIssue, type JsonObject, withOptionalDefaults } from '@aftercommit/models';
import Type, { type TObject } from 'typebox';
import { filledDefaults } from './filled-defaults.js';
import { schemaIssues } from './schema-issues.js';

/** Settings that were checked. */
export type CheckedSettings = {
  /** With defaults filled in. Undefined: they have an error. */
  settings: JsonObject | undefined;
  /** Everything that is wrong with them. Empty: nothing is. */
  issues: ConfigIssue[];
};

/**
 * Checks settings that are no trigger, such as those of a connector, as the fields of a trigger kind are checked: unknown
 * fields are errors, those with a default may be left out and are filled in, and no value is quoted.
 *
 * @param subject What they are called where they are wrong as a whole. Pointers of issues are relative to them.
 */
export function checkSettings(schema: TObject, value: unknown, subject: string): CheckedSettings {
  const closed = Type.Object(withOptionalDefaults(schema), { additionalProperties: false });
  const issues = schemaIssues(closed, value, [], subject);
  if (issues.length > 0) return { settings: undefined, issues };
  return { settings: filledDefaults(schema, value) as JsonObject, issues };
}
