import { counted, inThousands } from '../terminal/readable-text.js';
import { fitStart, padEnd, textWidth } from '../terminal/text-width.js';
import { activityTexts } from './activity-text.js';
import type { TaskProgress } from './task-progress.js';

/** What is shown of a task. Without escape codes, so that widths are known. */
export type TaskColumns = {
  task: TaskProgress;
  /** As wide as every other. */
  name: string;
  /** Each as wide as that of every other task. */
  counts: string[];
  activities: string[];
};

type Cells = { task: TaskProgress; counts: string[]; activities: string[] };

/** A name that is cut is not cut below this. */
const shortestName = 16;
/** Columns: `retrying slack in 30 s: …`. */
const usualActivity = 24;
const shortestActivity = 'delivering'.length;
const symbol = '● ';
/** Between columns. */
export const gap = '  ';

/** Tasks below each other, in columns. Words are shortened, and then names cut, so that there is space for an activity. */
export function taskColumns(tasks: readonly TaskProgress[], columns: number, now: number | undefined): TaskColumns[] {
  const cells = chooseWords(tasks, columns, now);
  const widths = countWidths(cells);
  const space = columns - headWidth(cells, 0) - gap.length - shortestActivity;
  const nameColumns = Math.min(longestName(cells), Math.max(shortestName, space));
  return cells.map(({ task, counts, activities }) => ({
    task,
    name: padEnd(fitStart(task.materialization, nameColumns), nameColumns),
    counts: widths.map((width, index) => (counts[index] ?? '').padStart(width)),
    activities,
  }));
}

const longWords = { documents: 'document', transactions: 'transaction' } as const;
const shortWords = { documents: 'doc', transactions: 'txn' } as const;

/** Long words where there is space for them. What a task is doing changes all the time, and words must not with it. */
function chooseWords(tasks: readonly TaskProgress[], columns: number, now: number | undefined): Cells[] {
  const long = tasks.map((task) => cellsOf(task, longWords, now));
  const activity = now === undefined ? longestActivity(long) : usualActivity;
  const isFitting = headWidth(long, longestName(long)) + gap.length + activity <= columns;
  return isFitting ? long : tasks.map((task) => cellsOf(task, shortWords, now));
}

function cellsOf(task: TaskProgress, words: typeof longWords | typeof shortWords, now: number | undefined): Cells {
  const { documents, transactions, deliveries, failedAttempts } = task;
  return {
    task,
    counts: [
      counted(documents, words.documents),
      counted(transactions, words.transactions),
      counted(deliveries, 'delivery', 'deliveries'),
      ...(failedAttempts > 0 ? [`${inThousands(failedAttempts)} failed`] : []),
    ],
    activities: activityTexts(task, now),
  };
}

/** Columns up to the last count, with names of so many columns. */
function headWidth(cells: readonly Cells[], nameColumns: number): number {
  return countWidths(cells).reduce((total, width) => total + gap.length + width, symbol.length + nameColumns);
}

function countWidths(cells: readonly Cells[]): number[] {
  const most = Math.max(0, ...cells.map(({ counts }) => counts.length));
  return Array.from({ length: most }, (_none, index) =>
    Math.max(...cells.map(({ counts }) => textWidth(counts[index] ?? ''))),
  );
}

function longestName(cells: readonly Cells[]): number {
  return Math.max(0, ...cells.map(({ task }) => textWidth(task.materialization)));
}

function longestActivity(cells: readonly Cells[]): number {
  return Math.max(0, ...cells.map(({ activities }) => textWidth(activities.join('; '))));
}
