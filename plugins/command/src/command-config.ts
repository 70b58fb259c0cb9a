import { annotated } from '@aftercommit/registry';
import Type, { type Static } from 'typebox';

/**
 * Of the codes that BSD's sysexits.h and shells give a meaning, those that mean the same tomorrow: used wrongly (64), bad
 * data (65), no permission (77), bad configuration (78), not executable (126), not found (127).
 */
const defaultRejectCodes = [64, 65, 77, 78, 126, 127];

export const commandConfigSchema = Type.Object(
  {
    program: Type.String({
      title: 'Program',
      description: 'What is run: an absolute path. The operator allows it; a specification alone runs nothing.',
    }),
    args: Type.Optional(
      Type.Array(Type.String({ title: 'Argument' }), {
        title: 'Arguments',
        description:
          'Passed on as they stand: no shell and no template reads them. Every user of the machine can: a secret belongs into env.',
        default: [],
      }),
    ),
    env: Type.Optional(
      Type.Record(Type.String(), annotated(Type.String({ title: 'Value' }), { secret: true }), {
        title: 'Environment',
        description: 'Variables of the program. Their values are secret, their names are not.',
        default: {},
      }),
    ),
    cwd: Type.Optional(
      Type.String({
        title: 'Working folder',
        description: 'Where the program is run: an absolute path. Left out: where aftercommit runs.',
      }),
    ),
    rejectCodes: Type.Optional(
      Type.Array(Type.Integer({ title: 'Exit code', minimum: 1, maximum: 255 }), {
        title: 'Exit codes that reject',
        description: 'Exit codes after which no other attempt is made. 0 delivers, every other code is tried again.',
        default: defaultRejectCodes,
      }),
    ),
  },
  {
    title: 'Command',
    description: 'Runs a local program with the payload on its standard input.',
    additionalProperties: false,
  },
);

/**
 * What a configuration says of a command, beside the fields of every trigger.
 *
 * @interface
 */
export type CommandConfig = Static<typeof commandConfigSchema>;
