import type { createColors } from 'picocolors';
import { fitEnd, textWidth } from '../terminal/text-width.js';
import { isRetrying } from './activity-text.js';
import { gap, type TaskColumns, taskColumns } from './task-columns.js';
import type { TaskProgress } from './task-progress.js';

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

/** Nothing is cut but a reason that is longer than a line: counts for which there is no space stand below, too. */
function roomyLines(task: TaskColumns, { columns, colors }: LineSpace): string[] {
  const { activities } = task;
  const { paint } = looks(task.task, colors);
  const head = headOf(task, columns, colors);
  const countsBelow = task.counts
    .slice(head.shown)
    .map((count) => count.trimStart())
    .filter((count) => count !== '');
  const lines = [head.text, ...inFewLines(countsBelow, columns - indent.length).map((counts) => indent + counts)];
  const last = lines.pop() ?? '';
  const lastWidth = lines.length === 0 ? head.width : textWidth(last);
  const beside = fittingBeside(activities, columns - lastWidth - gap.length);
  const below = activities.slice(beside.length).map((text) => indent + paint(fitEnd(text, columns - indent.length)));
  return [...lines, beside.length === 0 ? last.trimEnd() : last + gap + paint(beside.join('; ')), ...below];
}

/** Symbol, name, and the first counts for which there is space beside them; `width` without escape codes. */
function headOf(
  { task, name, counts }: TaskColumns,
  columns: number,
  colors: Colors,
): { text: string; width: number; shown: number } {
  const { symbol, paint } = looks(task, colors);
  const widths = counts.map((_count, index) => textWidth([name, ...counts.slice(0, index + 1)].join(gap)) + 2);
  const firstTooMany = widths.findIndex((width) => width > columns);
  const shown = firstTooMany === -1 ? counts.length : firstTooMany;
  const text = [`${paint(symbol)} ${colors.bold(name)}`, ...counts.slice(0, shown)].join(gap);
  return { text, width: widths[shown - 1] ?? textWidth(name) + 2, shown };
}

/** The texts beside each other in as few lines as they fit into. */
function inFewLines(texts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const longer = [...lines.slice(-1), text].join(gap);
    if (lines.length > 0 && textWidth(longer) <= columns) lines.splice(-1, 1, longer);
    else lines.push(text);
  }
  return lines;
}

/** The first of the texts that can stand beside each other in so many columns. */
function fittingBeside(texts: readonly string[], columns: number): string[] {
  const firstTooMany = texts.findIndex((_text, index) => textWidth(texts.slice(0, index + 1).join('; ')) > columns);
  return texts.slice(0, firstTooMany === -1 ? texts.length : firstTooMany);
}

function tightLine(task: TaskColumns, { columns, colors }: LineSpace): string {
  const { paint } = looks(task.task, colors);
  const { text, width } = headOf(task, columns, colors);
  const left = columns - width - gap.length;
  return left > 1 ? text + gap + paint(fitEnd(task.activities.join('; '), left)) : text;
}

function looks(task: TaskProgress, colors: Colors): { symbol: string; paint: (text: string) => string } {
  if (task.phase === 'failed') return { symbol: '✗', paint: colors.red };
  if (task.phase === 'done') return { symbol: '✓', paint: colors.green };
  return { symbol: task.phase === 'stopped' ? '■' : '●', paint: isRetrying(task) ? colors.yellow : colors.cyan };
}
