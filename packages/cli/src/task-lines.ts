import type { createColors } from 'picocolors';
import { isRetrying } from './activity-text.js';
import { type TaskColumns, taskColumns } from './task-columns.js';
import type { TaskProgress } from './task-progress.js';
import { fitEnd, textWidth } from './text-width.js';

export type Colors = ReturnType<typeof createColors>;

/** Where task lines are shown. */
export type LineSpace = {
  columns: number;
  /** Lines at most. */
  rows: number;
  /** In milliseconds since 1970. Undefined: everything is over. */
  now: number | undefined;
  colors: Colors;
};

const indent = '    ';

/** One line per task, in columns, and below it what does not fit beside, while there is space for it. */
export function taskLines(tasks: readonly TaskProgress[], space: LineSpace): string[] {
  const { shown, hidden } = choose(tasks, space.rows);
  const rest = hidden.length === 0 ? [] : [space.colors.dim(fitEnd(hiddenText(hidden), space.columns))];
  const all = taskColumns(shown, space.columns, space.now);
  const roomy = [...all.flatMap((one) => roomyLines(one, space)), ...rest];
  return roomy.length <= space.rows ? roomy : [...all.map((one) => tightLine(one, space)), ...rest];
}

/** What a person must see comes first when not all of it can be seen. */
function choose(tasks: readonly TaskProgress[], rows: number): { shown: TaskProgress[]; hidden: TaskProgress[] } {
  if (tasks.length <= rows) return { shown: [...tasks], hidden: [] };
  const visible = new Set([...tasks].sort((a, b) => urgency(a) - urgency(b)).slice(0, Math.max(0, rows - 1)));
  return { shown: tasks.filter((task) => visible.has(task)), hidden: tasks.filter((task) => !visible.has(task)) };
}

function urgency(task: TaskProgress): number {
  if (isRetrying(task)) return 0;
  return ['failed', 'running', 'opening', 'stopped', 'done'].indexOf(task.phase) + 1;
}

function hiddenText(hidden: readonly TaskProgress[]): string {
  const phases = [...new Set(hidden.map(({ phase }) => phase))];
  const counts = phases.map((phase) => `${hidden.filter((task) => task.phase === phase).length} ${phase}`);
  return `… and ${hidden.length} more: ${counts.join(', ')}`;
}

/** Nothing is cut but a reason that is longer than a line. */
function roomyLines({ task, name, counts, activities }: TaskColumns, { columns, colors }: LineSpace): string[] {
  const { symbol, paint } = looks(task, colors);
  const width = 2 + textWidth(name + counts);
  const beside = fittingBeside(activities, columns - width - 2);
  const below = activities.slice(beside.length).map((text) => indent + paint(fitEnd(text, columns - indent.length)));
  const head = `${paint(symbol)} ${colors.bold(name)}${counts}`;
  return [beside.length === 0 ? head.trimEnd() : `${head}  ${paint(beside.join('; '))}`, ...below];
}

/** The first of the texts that can stand beside each other in so many columns. */
function fittingBeside(texts: readonly string[], columns: number): string[] {
  const firstTooMany = texts.findIndex((_text, index) => textWidth(texts.slice(0, index + 1).join('; ')) > columns);
  return texts.slice(0, firstTooMany === -1 ? texts.length : firstTooMany);
}

function tightLine({ task, name, counts, activities }: TaskColumns, { columns, colors }: LineSpace): string {
  const { symbol, paint } = looks(task, colors);
  const left = columns - 2 - textWidth(name + counts) - 2;
  const head = `${paint(symbol)} ${colors.bold(name)}${counts}`;
  return left > 1 ? `${head}  ${paint(fitEnd(activities.join('; '), left))}` : head;
}

function looks(task: TaskProgress, colors: Colors): { symbol: string; paint: (text: string) => string } {
  if (task.phase === 'failed') return { symbol: '✗', paint: colors.red };
  if (task.phase === 'done') return { symbol: '✓', paint: colors.green };
  return { symbol: task.phase === 'stopped' ? '■' : '●', paint: isRetrying(task) ? colors.yellow : colors.cyan };
}
