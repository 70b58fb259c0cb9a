import type { KilledRun } from './command-line-crash-checks.js';
import type { Kill } from './command-line-crash-run.js';

/** What came of many kills: what went wrong, and how many deliveries were repeated, by point. */
export class CrashTally {
  readonly failures: string[] = [];
  readonly #points = new Map<string, { kills: number; repeated: number[] }>();
  #unreached = 0;

  /** One story. What it throws is a failure, and the next one is told all the same. */
  async count(kills: readonly Kill[], tell: () => Promise<KilledRun[]>): Promise<void> {
    try {
      for (const killed of await tell()) this.#add(killed);
    } catch (error) {
      const where = kills.map(({ point, occurrence }) => `${point}, time ${occurrence}`).join(', then ');
      this.failures.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** In how many of its kills each point repeated how many deliveries, the worst first. */
  get report(): string {
    const points = [...this.#points].map(([point, { kills, repeated }]) => ({ point, kills, total: sum(repeated) }));
    const kills = sum(points.map((one) => one.kills));
    const total = sum(points.map((one) => one.total));
    const most = Math.max(...[...this.#points.values()].flatMap(({ repeated }) => repeated));
    const worst = points.sort((left, right) => right.total / right.kills - left.total / left.kills);
    return [
      `${kills} kills repeated ${total} deliveries, ${most} at most (${this.#unreached} more were not reached)`,
      ...worst.map((one) => `  ${one.point}: ${one.total} in ${one.kills} kills`),
    ].join('\n');
  }

  #add({ kill, run, repeated }: KilledRun): void {
    if (!run.isKilled) {
      this.#unreached += 1;
      return;
    }
    const point = this.#points.get(kill.point) ?? { kills: 0, repeated: [] };
    this.#points.set(kill.point, { kills: point.kills + 1, repeated: [...point.repeated, repeated] });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
