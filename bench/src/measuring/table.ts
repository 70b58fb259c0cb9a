import type { Spread } from './statistics.js';

/** Rows under a head, as Markdown: it can be copied into documentation as it stands. */
export function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export function number(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 10 ** (digits - 1)) return Math.round(value).toLocaleString('en');
  return value.toPrecision(digits);
}

/** `1.02 (0.98–1.05)`: the median, and the middle half. */
export function spread({ median, from, to }: Spread, digits = 3): string {
  return `${number(median, digits)} (${number(from, digits)}–${number(to, digits)})`;
}
