import { exitCodes } from '../exit-code.js';
import type { KindOptions } from '../kinds/kind-options.js';
import { loadKinds } from '../kinds/load-kinds.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { connectors } from '../validate/spec-file.js';
import { specSchema } from './spec-schema.js';

/** The arguments of `aftercommit schema`. */
export type SchemaArguments = Pick<KindOptions, 'plugin'> & {
  /** Whether it is one line, in an event. */
  json: boolean;
};

/** Prints the JSON Schema of a spec, with the kinds of the plugins that are given. Reads no spec. */
export async function schemaCommand(given: SchemaArguments, io: CommandLineIo, { stdout }: Outputs): Promise<number> {
  const { registry } = (await loadKinds(given, io)).kinds;
  const schema = specSchema({ registry, connectors });
  stdout.line(given.json ? JSON.stringify({ event: 'schema', schema }) : JSON.stringify(schema, null, 2));
  return exitCodes.done;
}
