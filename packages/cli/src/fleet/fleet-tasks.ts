import type { Assignment, RunEnd } from '@aftercommit/persistence-postgres/coordination';
import { TaskWatch } from '../progress/task-watch.js';
import { runTask, type TaskSurroundings } from '../run/run-task.js';
import type { RunnableTask } from '../run/runnable-tasks.js';
import { definitionDigest } from './task-definition.js';

/** A task as the spec says it now. */
type Definition = { readonly task: RunnableTask; readonly digest: string; readonly replaced: AbortController };

/** What became of the tasks with a changed spec, by name. */
export type SpecChanges = { added: string[]; changed: string[]; removed: string[] };

/** The tasks of a spec that may change while they run, each as it is defined now. */
export class FleetTasks {
  readonly #around: Omit<TaskSurroundings, 'stop'>;
  readonly #definitions = new Map<string, Definition>();

  constructor(around: Omit<TaskSurroundings, 'stop'>) {
    this.#around = around;
  }

  get names(): string[] {
    return [...this.#definitions.keys()];
  }

  /** Tasks whose own definition is another one now end gracefully and begin again; the others are left alone. */
  replace(tasks: readonly RunnableTask[]): SpecChanges {
    const changes: SpecChanges = { added: [], changed: [], removed: [] };
    const names = new Set(tasks.map(({ name }) => name));
    for (const name of this.names.filter((known) => !names.has(known))) {
      this.#definitions.delete(name);
      changes.removed.push(name);
    }
    for (const task of tasks) {
      const before = this.#definitions.get(task.name);
      const digest = definitionDigest(task);
      if (before?.digest === digest) continue;
      this.#definitions.set(task.name, { task, digest, replaced: new AbortController() });
      before?.replaced.abort();
      changes[before === undefined ? 'added' : 'changed'].push(task.name);
    }
    return changes;
  }

  /** Runs a task as long as it is assigned, under each of its definitions in turn. */
  readonly run = async ({ task, stop }: Assignment): Promise<RunEnd> => {
    for (;;) {
      const definition = this.#definitions.get(task);
      // It is being withdrawn.
      if (definition === undefined || stop.aborted) return { ended: 'stopped' };
      const replaced = definition.replaced.signal;
      const end = await this.#runOnce(definition.task, AbortSignal.any([stop, replaced]));
      if (end.ended === 'failed' || !replaced.aborted) return end;
    }
  };

  async #runOnce(task: RunnableTask, stop: AbortSignal): Promise<RunEnd> {
    const { presenter, io } = this.#around;
    const watch = new TaskWatch(task, { presenter, clock: io.clock, stop });
    const result = await runTask(task, watch, { ...this.#around, stop });
    if (result.result !== 'failed') return { ended: 'stopped' };
    const reason = watch.progress.failure?.reason ?? 'it did not say why';
    return { ended: 'failed', reason: `${result.code}: ${reason}` };
  }
}
