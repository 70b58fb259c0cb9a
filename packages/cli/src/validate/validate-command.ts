import { exitCodes } from '../exit-code.js';
import { secretsAccess } from '../sealed/secrets-access.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { sayIssues } from './say-issues.js';
import { readSpecFile, type SpecArguments } from './spec-file.js';
import { countIssues, verdict } from './spec-report.js';

/** The arguments of `aftercommit validate`. */
export type ValidateArguments = SpecArguments & {
  json: boolean;
  /** The `sops` command, for what no age key opens. Undefined: it is not asked. */
  sops?: string;
};

/**
 * Checks a spec and says everything there is to say of it. Sealed configurations need no key; where one is at hand, their seals are
 * verified. Opens no endpoint and contacts nobody.
 */
export async function validateCommand(given: ValidateArguments, io: CommandLineIo, outputs: Outputs): Promise<number> {
  const spec = await readSpecFile(given, io, secretsAccess('where a key fits', io, given.sops));
  sayIssues(spec, outputs, io.env, true);
  const { seals } = spec;
  const validated = { event: 'validated', ...countIssues(spec), ...(seals.all > 0 && { seals }) };
  outputs.stdout.line(given.json ? JSON.stringify(validated) : verdict(spec));
  return countIssues(spec).errors > 0 ? exitCodes.usage : exitCodes.done;
}
