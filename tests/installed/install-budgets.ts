import { readFileSync } from 'node:fs';
import type { InstallSize } from './install-size.js';

/** What the installation of each package may weigh at most. */
const budgets: Readonly<Record<string, { packages: number; kilobytes: number }>> = JSON.parse(
  readFileSync(new URL('install-budgets.json', import.meta.url), 'utf8'),
);

/** A line of what it weighs and may weigh, and what is wrong with that. */
export function judge(name: string, { packages, bytes }: InstallSize): { text: string; problems: string[] } {
  const kilobytes = Math.ceil(bytes / 1_000);
  const budget = budgets[name];
  const text = `${name.padEnd(34)} ${counted(packages, kilobytes)}`;
  const help = 'Look at what it brings; raise tests/installed/install-budgets.json only for a reason';
  if (budget === undefined) return { text, problems: [`${name} has no budget. ${help}.`] };
  const isWithin = packages <= budget.packages && kilobytes <= budget.kilobytes;
  const allowed = counted(budget.packages, budget.kilobytes);
  const problems = isWithin ? [] : [`${name} installs ${counted(packages, kilobytes)}, more than ${allowed}. ${help}.`];
  return { text: `${text}, of ${allowed}`, problems };
}

function counted(packages: number, kilobytes: number): string {
  return `${String(packages).padStart(3)} packages, ${String(kilobytes).padStart(6)} kB`;
}
