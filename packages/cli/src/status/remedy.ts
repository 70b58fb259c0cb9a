import type { StuckTrigger } from './stuck-trigger.js';

/** One way out of being stuck: `to deliver`, and the command for it as a shell wants it, or what is up to a person. */
export type Remedy = { to: string; command: string } | { to: string; advice: string };

/** A command on the spec, with everything that was given: `parked list`, and its options. */
export type SpecCommand = (name: string, ...options: string[]) => string;

/**
 * What can be done for a stuck trigger, what helps first.
 *
 * @param names `--materialization` and its name, where there are several; else none.
 */
export function remediesOf({ trigger, why }: StuckTrigger, command: SpecCommand, names: readonly string[]): Remedy[] {
  const ofTrigger = [...names, '--trigger', trigger];
  const seeMore = { to: 'see more', command: command('parked list', ...ofTrigger) };
  const dropAll = command('parked drop', ...ofTrigger, '--all');
  const mend = {
    to: 'mend',
    advice: 'the receiver, or the trigger in the spec; the next run tries again, or the one that goes on',
  };
  const test = { to: 'test', command: command('fire', ...ofTrigger) };
  switch (why) {
    case 'failing':
      return [mend, { to: 'try now', command: command('run', '--retry-now') }, test];
    case 'full':
      return [mend, seeMore, { to: 'make room', command: dropAll }, test];
    case 'overdue':
      return [{ to: 'deliver', command: command('run') }];
    case 'parked':
      return [
        { to: 'deliver', command: command('parked replay', ...ofTrigger, '--all') },
        { to: 'forget', command: dropAll },
        seeMore,
      ];
    case 'without-trigger':
      return [
        { to: 'deliver', advice: `call a trigger ${trigger}` },
        { to: 'forget', command: command('parked drop', ...names, '--outbox', trigger) },
      ];
  }
}

/** The command that helps first. Null: none does. */
export function fixOf(remedies: readonly Remedy[]): string | null {
  const [first] = remedies.flatMap((remedy) => ('command' in remedy ? [remedy.command] : []));
  return first ?? null;
}
