import { AttemptSlots, type CompiledTrigger, fireTest } from '@aftercommit/delivery';
import { proxySecrets, Redactor } from '@aftercommit/registry/redaction';
import { systemRandom } from '@aftercommit/runtime-adapter';
import { withoutSecretsOf } from '../errors/unexpected-error.js';
import { UsageError } from '../errors/usage-error.js';
import { exitCodes } from '../exit-code.js';
import { type Looking, noStateText, withStoreOf } from '../kept/kept-state.js';
import { chosenTriggers, type TriggerChoice } from '../preview/chosen-triggers.js';
import { type ChosenWindow, chooseWindow } from '../preview/previewed-trigger.js';
import { readWindowFile } from '../preview/window-file.js';
import { windowText } from '../preview/window-sources.js';
import { StopRequest } from '../run/stop-request.js';
import { secretsAccess } from '../sealed/secrets-access.js';
import type { MaterializationSpec } from '../spec/materialization-spec.js';
import { type CommandLineIo, hasColors } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { counted, oneLine } from '../terminal/readable-text.js';
import { sayIssues } from '../validate/say-issues.js';
import { readValidSpec, type SpecFile } from '../validate/spec-file.js';
import { notSent, type TestResult, type TestSubject, testLine, testObject } from './test-lines.js';

/** The arguments of `aftercommit fire`. */
export type FireArguments = Looking &
  TriggerChoice & {
    /** A file with variables of a window. Undefined: the last real window, or a placeholder. */
    window?: string;
    /** How many attempts may be in flight at a time. Undefined: one for each trigger. */
    concurrency?: number;
    /** The `sops` command, for what no age key opens. Undefined: it is not asked. */
    sops?: string;
  };

/** One attempt that is to be made. */
type PlannedTest = { task: MaterializationSpec; trigger: CompiledTrigger; window: ChosenWindow };

/**
 * Makes one attempt for each trigger, because a person asks for it. Reads the state and changes nothing: a run may go on beside it.
 *
 * @returns The exit code.
 * @throws UsageError before anything is sent.
 */
export async function fireCommand(given: FireArguments, io: CommandLineIo, outputs: Outputs): Promise<number> {
  const spec = await readValidSpec(given, io, secretsAccess('always', io, given.sops));
  const file = given.window === undefined ? undefined : readWindowFile(given.window, io.cwd);
  if (given.window !== undefined && file !== undefined && file.issues.length > 0) {
    sayIssues({ path: given.window, issues: file.issues }, outputs, io.env);
    return exitCodes.usage;
  }
  const chosen = chosenTriggers(spec.tasks, given, spec.path).filter(({ triggers }) => triggers.length > 0);
  if (chosen.length === 0) throw new UsageError(`There is nothing to fire: no trigger is configured in ${spec.path}.`);
  return await withoutSecretsOf(spec, async () => {
    return await withStoreOf({ given, spec }, io, async (store) => {
      if (store === undefined && file === undefined) outputs.stderr.line(noStateText({ given, spec }, io));
      const tests: PlannedTest[] = [];
      for (const { task, triggers } of chosen) {
        const window = await chooseWindow(store, task, file?.variables, io.clock.now());
        tests.push(...triggers.map((trigger) => ({ task, trigger, window })));
        announce(task, window, triggers.length, given, outputs);
      }
      return await fireAll(tests, spec, given, io, outputs);
    });
  });
}

function announce(
  { name, isDisabled }: MaterializationSpec,
  { from, window }: ChosenWindow,
  triggers: number,
  { json }: FireArguments,
  { stdout, stderr }: Outputs,
): void {
  if (isDisabled) stderr.line(`${name}: is disabled (shards.disable), and fired all the same.`);
  if (json) return;
  stdout.line(`${name}: ${counted(triggers, 'test')}, of ${windowText({ from, runId: window.run_id })}`);
}

async function fireAll(
  tests: readonly PlannedTest[],
  spec: SpecFile,
  { json, concurrency }: FireArguments,
  io: CommandLineIo,
  { stdout, stderr }: Outputs,
): Promise<number> {
  const stop = new StopRequest(io, () => stderr.line('stopping: attempts in flight are given up'));
  // Nobody reads any more what it prints (`| head`): it ends.
  stdout.closed.addEventListener('abort', () => stop.stop(), { once: true });
  const secrets = spec.tasks.flatMap(({ triggers }) => triggers.flatMap((trigger) => trigger.secrets));
  const redactor = new Redactor([...secrets, ...proxySecrets(spec.kinds.egress)]);
  const slots = concurrency === undefined ? undefined : new AttemptSlots(concurrency);
  const isColored = hasColors(stdout.stream, io.env);
  const fired = async (test: PlannedTest): Promise<TestResult> => {
    const result = await fireOne(test, { redactor, slots, stop: stop.signal, spec, io, stderr });
    const subject = subjectOf(test, redactor);
    stdout.line(
      json
        ? JSON.stringify(testObject(subject, test.window.window.run_id, result))
        : testLine(subject, result, { isColored }),
    );
    return result;
  };
  try {
    const results = await Promise.all(tests.map(fired));
    return results.every(({ outcome }) => outcome === 'delivered') ? exitCodes.done : exitCodes.failed;
  } finally {
    stop.release();
  }
}

function subjectOf({ task, trigger }: PlannedTest, redactor: Redactor): TestSubject {
  const { name, kind, target } = trigger;
  return { materialization: task.name, trigger: name, kind: kind.kind, target: redactor.scrub(target) };
}

/** What the tests of one call share. */
type TestSurroundings = {
  /** Of all secrets of the spec, and of the operator's proxy. */
  redactor: Redactor;
  /** Undefined: there is no limit. */
  slots: AttemptSlots | undefined;
  stop: AbortSignal;
  spec: SpecFile;
  io: CommandLineIo;
  stderr: Outputs['stderr'];
};

async function fireOne(
  { task, trigger, window: { window } }: PlannedTest,
  { redactor, slots, stop, spec, io, stderr }: TestSurroundings,
): Promise<TestResult> {
  const isTaken = slots === undefined ? !stop.aborted : await slots.take(stop);
  if (!isTaken) return notSent;
  const say = (message: string): void => stderr.line(`${task.name}: ${trigger.name}: ${oneLine(message)}`);
  const environment = {
    clock: io.clock,
    random: systemRandom,
    egress: spec.kinds.egress,
    logger: { info: say, warn: say },
  };
  try {
    return await fireTest({ materialization: task.name, trigger, window, environment, redactor, signal: stop });
  } finally {
    slots?.free();
  }
}
