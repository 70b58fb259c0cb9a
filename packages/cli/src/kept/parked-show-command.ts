import { Redactor } from '@aftercommit/registry/redaction';
import { exitCodes } from '../exit-code.js';
import type { CommandLineIo } from '../terminal/command-line-io.js';
import type { Outputs } from '../terminal/output.js';
import { localTime, oneLine, safeLines } from '../terminal/readable-text.js';
import { type Looking, withKept } from './kept-state.js';
import { type ParkedEntry, parkedEntries, parkedObject } from './parked-entry.js';
import { wantedEntries } from './wanted-entries.js';

/** Shows everything about one parked delivery, its payload as its trigger would make it now included. */
export async function parkedShowCommand(
  given: Looking & { key: string },
  io: CommandLineIo,
  outputs: Outputs,
): Promise<number> {
  return await withKept(given, io, async ({ tasks }) => {
    for (const entry of wantedEntries(parkedEntries(tasks), [given.key], undefined, given)) {
      const payload = payloadOf(entry);
      if (given.json) {
        outputs.stdout.line(JSON.stringify({ ...parkedObject(entry), window: entry.record.window, ...payload }));
      } else {
        for (const line of lines(entry, payload, io.clock.now())) outputs.stdout.line(line);
      }
    }
    return exitCodes.done;
  });
}

type Payload = { payload: string } | { payloadProblem: string };

/** I8: a template may name a header. */
function payloadOf({ trigger, record }: ParkedEntry): Payload {
  if (trigger === undefined) return { payloadProblem: 'no trigger of this name is configured' };
  const redactor = new Redactor(trigger.secrets);
  try {
    return { payload: redactor.scrub(trigger.render(record.window)) };
  } catch (error) {
    return { payloadProblem: redactor.scrub(error instanceof Error ? error.message : String(error)) };
  }
}

function lines({ materialization, outbox, trigger, record }: ParkedEntry, payload: Payload, now: number): string[] {
  const { idempotencyKey, window, parkedAt, failingSinceAt, attempts, outcome, reason } = record;
  const target = trigger === undefined ? [] : [`delivers to     ${trigger.target}`];
  return [
    `key             ${idempotencyKey}`,
    `materialization ${materialization}`,
    `trigger         ${outbox}`,
    ...target,
    `parked          ${localTime(parkedAt, now)}, ${outcome}`,
    `failing since   ${localTime(failingSinceAt, now)}`,
    `attempts        ${attempts}`,
    `reason          ${oneLine(reason)}`,
    'window',
    ...Object.entries(window).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    'payload, as it would be made now',
    ...('payload' in payload
      ? safeLines(payload.payload).split('\n')
      : [`none: ${oneLine(payload.payloadProblem)}`]
    ).map((line) => `  ${line}`),
  ];
}
