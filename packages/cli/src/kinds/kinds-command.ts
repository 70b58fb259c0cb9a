import { unknownName } from '../errors/unknown-names.js';
import { exitCodes } from '../exit-code.js';
import { type CommandLineIo, hasColors } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { kindInDetail, kindLines } from './kind-lines.js';
import type { KindOptions } from './kind-options.js';
import { loadKinds } from './load-kinds.js';
import { kindObject, type ShownKind, shownKind } from './shown-kind.js';

/** The arguments of `aftercommit kinds`. */
export type KindsArguments = Pick<KindOptions, 'plugin'> & {
  /** Only this one, with all there is to say. Undefined: all of them. */
  kind?: string;
  json: boolean;
};

/** Lists the trigger kinds with their fields. Opens none, and reads no spec. */
export async function kindsCommand(given: KindsArguments, io: CommandLineIo, { stdout }: Outputs): Promise<number> {
  const kinds = await shownKinds(given, io);
  for (const line of given.json ? kinds.map((kind) => JSON.stringify(kindObject(kind))) : lines(kinds, given, io))
    stdout.line(line);
  return exitCodes.done;
}

async function shownKinds(given: KindsArguments, io: CommandLineIo): Promise<ShownKind[]> {
  const { registry, plugins } = (await loadKinds(given, io)).kinds;
  const { kind: wanted } = given;
  if (wanted !== undefined && registry.find(wanted) === undefined) {
    throw unknownName(wanted, registry.names, { what: 'trigger kind' }, 'One of a plugin needs --plugin, too.');
  }
  return registry.kinds
    .filter(({ kind }) => wanted === undefined || kind === wanted)
    .map((kind) => shownKind(kind, plugins.get(kind.kind)));
}

function lines(
  kinds: readonly ShownKind[],
  { kind: wanted }: KindsArguments,
  { stdout, env }: CommandLineIo,
): string[] {
  const page = {
    isColored: hasColors(stdout, env),
    columns: stdout.isTTY === true ? (stdout.columns ?? 80) : undefined,
  };
  if (wanted === undefined)
    return kinds.flatMap((kind, index) => [...(index > 0 ? [''] : []), ...kindLines(kind, page)]);
  return kinds.flatMap((kind) => kindInDetail(kind, page));
}
