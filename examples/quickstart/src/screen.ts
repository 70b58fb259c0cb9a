import { stripVTControlCharacters } from 'node:util';
import color from 'picocolors';
import type { RunEvent } from './aftercommit-process.js';
import type { Evidence } from './evidence.js';

const columnWidth = 14;

export function intro(receiver: string): void {
  print('');
  print(`  ${color.bold('aftercommit')}  post-commit triggers for data pipelines`);
  print('');
  print(
    `  ${color.cyan('aftercommit run weather.yaml')} reads 1,461 days of Seattle weather into an SQLite table, 250`,
  );
  print('  documents per transaction. After each commit three triggers fire, to a receiver in another');
  print(`  process (${receiver}). Airflow's refuses twice.`);
  print('');
}

/** One line per commit: what was read, and how each trigger's delivery went. */
export class Timetable {
  readonly #triggers: readonly string[];
  readonly #numbers = new Map<string, number>();
  /** The commit whose deliveries are going on; without documents: it was committed before the run was killed. */
  #line: { runId: string; docs: number | undefined; outcomes: Map<string, string> } | undefined;

  constructor(triggers: readonly string[]) {
    this.#triggers = triggers;
    const columns = triggers.map((name) => name.padEnd(columnWidth)).join('');
    print(color.dim(`  ${'commit'.padEnd(10)}${'documents'.padEnd(13)}${columns}`));
  }

  show(event: RunEvent): void {
    if (event.event === 'committed') this.#begin(event.runId, event.docs);
    if (event.event === 'attempt') this.#note(event);
  }

  /** Prints the line that is not finished, as it stands. */
  flush(): void {
    if (this.#line === undefined) return;
    const { runId, docs, outcomes } = this.#line;
    const number = this.#numbers.get(runId) ?? 0;
    const cells = this.#triggers.map((name) => padCell(outcomes.get(name) ?? (docs === undefined ? '' : '…')));
    const first = docs === undefined ? `${number} again` : String(number);
    print(`  ${first.padEnd(10)}${String(docs ?? '').padEnd(13)}${cells.join('')}`);
    this.#line = undefined;
  }

  #begin(runId: string, docs: number | undefined): void {
    this.flush();
    if (!this.#numbers.has(runId)) this.#numbers.set(runId, this.#numbers.size + 1);
    this.#line = { runId, docs, outcomes: new Map() };
  }

  #note({ runId, trigger, outcome }: RunEvent): void {
    if (this.#line?.runId !== runId) this.#begin(runId, undefined);
    const mark = outcome === 'delivered' ? color.green('✓ delivered') : color.yellow('✗');
    const before = this.#line?.outcomes.get(trigger);
    this.#line?.outcomes.set(trigger, before === undefined ? mark : `${before} ${mark.replace(' delivered', '')}`);
  }
}

export function killedLine(commit: number): void {
  print('');
  print(
    `  ${color.red('SIGKILL')}  Commit ${commit} is durable. The dbt receiver has its payload, but its answer was never read.`,
  );
}

export function restartedLine(leftOver: Record<string, number>): void {
  const names = Object.keys(leftOver).join(', ') || 'nothing';
  print(`  ${color.green('started again')}  after the last commit. Left over in the outbox: ${names}.`);
  print('');
}

/** One payload as its receiver got it, so that one sees what a template makes. */
export function samplePayload(trigger: string, body: string): void {
  print('');
  print(`  ${color.bold(`What ${trigger} received`)} for commit 1`);
  print('');
  for (const line of body.trimEnd().split('\n')) print(`  ${color.cyan(line)}`);
}

/** What the receiver counted. True when every transaction arrived at every trigger. */
export function verdict(evidence: Evidence[], rows: number): boolean {
  const format = (number: number): string => number.toLocaleString('en-US');
  const columns = ['requests', 'refused', 'deliveries', 'duplicates', 'documents'];
  print('');
  print(`  ${color.bold('What the receiver counted')}, by webhook-id`);
  print('');
  print(color.dim(`  ${'trigger'.padEnd(10)}${columns.map((name) => name.padStart(12)).join('')}`));
  for (const { trigger, requests, refused, deliveries, duplicates, docsTotal } of evidence) {
    const cells = [requests, refused, deliveries, duplicates, docsTotal].map((cell) => format(cell).padStart(12));
    print(`  ${trigger.padEnd(10)}${cells.join('')}`);
  }
  const isComplete = evidence.every(({ docsTotal }) => docsTotal === rows);
  const duplicates = evidence.reduce((total, one) => total + one.duplicates, 0);
  print('');
  if (isComplete) {
    print(
      `  ${color.green('✓')} ${format(rows)} rows in the table, and every transaction arrived at every trigger. Nothing was lost.`,
    );
    const repeated = duplicates === 1 ? '1 request is a repetition' : `${duplicates} requests are repetitions`;
    print(`    ${repeated}, with the webhook-id of the first: that is how a receiver knows.`);
  } else {
    print(
      `  ${color.red('✗')} ${format(rows)} rows in the table, but not every transaction arrived. This is a bug: please report it.`,
    );
  }
  print('');
  print(`  ${color.bold('Read next')}`);
  print('    examples/quickstart/weather.yaml              the spec that was run');
  print('    examples/embed-in-your-loop/src/pipeline.ts   the same in a loop of your own, one file');
  print('    README.md                                     what to install for what');
  print('    ARCHITECTURE.md                               why nothing can be lost');
  print('');
  return isComplete;
}

function padCell(text: string): string {
  const width = stripVTControlCharacters(text).length;
  return `${text}${' '.repeat(Math.max(1, columnWidth - width))}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
