import { type Attempt, type AttemptOutcome, defineTriggerKind, type TriggerKind } from '@aftercommit/registry';
import Type from 'typebox';

/** What one attempt of a scripted kind does: ends so, throws so, or asks a function (which may wait for anything). */
export type ScriptedStep = AttemptOutcome | Error | ((attempt: Attempt) => AttemptOutcome | Promise<AttemptOutcome>);

/** An attempt as it reached a scripted kind. */
export type RecordedAttempt = Attempt & {
  /** The `target` of the trigger that was asked. */
  target: string;
  /** The environment's wall clock when the attempt began, in milliseconds since the Unix epoch. */
  at: number;
};

const configSchema = Type.Object(
  {
    target: Type.String({ title: 'Target', description: 'Names the receiver that this kind plays.', minLength: 1 }),
    token: Type.Optional(Type.String({ title: 'Token', description: 'A secret that nothing needs.', secret: true })),
  },
  { additionalProperties: false },
);

/** A trigger kind without a receiver: what it answers is written in a script, and what reaches it is recorded. */
export interface ScriptedKind extends TriggerKind<typeof configSchema> {
  /** Every attempt in the order in which they began. */
  readonly attempts: RecordedAttempt[];
  /** How many triggers were opened. */
  readonly opened: number;
  /** How many of them were closed. */
  readonly closed: number;
  /** Gives one target a script of its own, from its next attempt on. */
  respond(target: string, script: readonly ScriptedStep[]): void;
}

/**
 * Makes a scripted kind. Every target goes through the script by itself, also across sessions; the last step repeats.
 *
 * @param options.script What the attempts of a target do, one after the other. Undefined: each is delivered.
 * @param options.kind What a configuration calls it. Undefined: `scripted`.
 */
export function scriptedKind(options: { script?: readonly ScriptedStep[]; kind?: string } = {}): ScriptedKind {
  const attempts: RecordedAttempt[] = [];
  const scripts = new Map<string, ScriptedStep[]>();
  let opened = 0;
  let closed = 0;

  const nextStep = (target: string): ScriptedStep => {
    const remaining = scripts.get(target) ?? [...(options.script ?? [])];
    scripts.set(target, remaining);
    const step = remaining.length > 1 ? remaining.shift() : remaining[0];
    return step ?? { outcome: 'delivered' };
  };

  const definition = defineTriggerKind({
    contractVersion: 1,
    kind: options.kind ?? 'scripted',
    configSchema,
    describeTarget: ({ target }) => `scripted://${target}`,
    async open({ target }, { clock }) {
      opened += 1;
      return {
        async attempt(attempt) {
          attempts.push({ ...attempt, target, at: clock.now() });
          return play(nextStep(target), attempt);
        },
        async close() {
          closed += 1;
        },
      };
    },
  });

  return {
    ...definition,
    attempts,
    get opened() {
      return opened;
    },
    get closed() {
      return closed;
    },
    respond: (target, script) => void scripts.set(target, [...script]),
  };
}

/** A step that answers nothing: the attempt ends when its signal aborts. */
export function hang({ signal }: Attempt): Promise<AttemptOutcome> {
  const ended: AttemptOutcome = { outcome: 'retry', reason: 'no answer before the attempt was aborted' };
  return new Promise((resolve) => {
    if (signal.aborted) resolve(ended);
    else signal.addEventListener('abort', () => resolve(ended), { once: true });
  });
}

async function play(step: ScriptedStep, attempt: Attempt): Promise<AttemptOutcome> {
  if (step instanceof Error) throw step;
  return typeof step === 'function' ? step(attempt) : step;
}
