import { Redactor } from '@aftercommit/registry/redaction';
import { withoutSecretsOf } from '../errors/unexpected-error.js';
import { exitCodes } from '../exit-code.js';
import { type Looking, noStateText, withStoreOf } from '../kept/kept-state.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { RefusedSpecError } from '../validate/refused-spec-error.js';
import { sayIssues } from '../validate/say-issues.js';
import { readDraftFile } from '../validate/spec-file.js';
import { countIssues, verdict } from '../validate/spec-report.js';
import { chosenTriggers, type TriggerChoice } from './chosen-triggers.js';
import { keyForm, previewLines } from './preview-lines.js';
import { chooseWindow, isSendable, type PreviewedTrigger, previewTrigger } from './previewed-trigger.js';
import { readWindowFile } from './window-file.js';
import { windowText } from './window-sources.js';

/** The arguments of `aftercommit preview`. */
export type PreviewArguments = Looking &
  TriggerChoice & {
    /** A file with variables of a window. Undefined: the last real window, or a placeholder. */
    window?: string;
  };

/**
 * Shows what each trigger would send. What is wrong with the spec is said, and what can be shown is shown all the same. Contacts nobody, and
 * changes nothing: a run may go on beside it.
 */
export async function previewCommand(given: PreviewArguments, io: CommandLineIo, outputs: Outputs): Promise<number> {
  const spec = await readDraftFile(given, io);
  const { errors } = countIssues(spec);
  // What cannot be read at all has no names, either.
  if (errors > 0 && spec.drafts.length === 0) throw new RefusedSpecError(spec);
  if (errors > 0) sayIssues(spec, outputs, io.env);
  if (errors > 0 && !given.json) outputs.stderr.line(verdict(spec));
  const file = given.window === undefined ? undefined : readWindowFile(given.window, io.cwd);
  if (given.window !== undefined && file !== undefined && file.issues.length > 0) {
    sayIssues({ path: given.window, issues: file.issues }, outputs, io.env);
    return exitCodes.usage;
  }
  const unreadable = spec.issues.flatMap(({ trigger }) => trigger ?? []);
  const chosen = chosenTriggers(spec.drafts, given, spec.path, unreadable);
  return await withoutSecretsOf({ tasks: spec.drafts, kinds: spec.kinds }, async () => {
    return await withStoreOf({ given, spec }, io, async (store) => {
      if (store === undefined && file === undefined) outputs.stderr.line(noStateText({ given, spec }, io));
      const redactor = new Redactor(spec.drafts.flatMap(({ triggers }) => triggers.flatMap(({ secrets }) => secrets)));
      const previewed: PreviewedTrigger[] = [];
      for (const { task, triggers } of chosen) {
        const window = await chooseWindow(store, task, file?.variables, io.clock.now());
        const shown = triggers.map((trigger) => previewTrigger(task, trigger, window, redactor));
        previewed.push(...shown);
        const lines = given.json ? shown.map(jsonLine) : textLines(task.name, shown, spec.path);
        for (const line of lines) outputs.stdout.line(line);
      }
      return errors > 0 || !previewed.every(isSendable) ? exitCodes.usage : exitCodes.done;
    });
  });
}

function textLines(name: string, shown: readonly PreviewedTrigger[], specPath: string): string[] {
  const [first] = shown;
  const how = first === undefined ? 'has no triggers to show' : `of ${windowText(first.payload)}`;
  return [`${name}: ${how}`, ...shown.flatMap((one) => previewLines(one, specPath))];
}

function jsonLine({ template: _template, ...previewed }: PreviewedTrigger): string {
  return JSON.stringify({ event: 'preview', ...previewed, idempotencyKey: keyForm });
}
