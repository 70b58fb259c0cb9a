import { createHash } from 'node:crypto';
import { fairShares, type Share, type SharingWorker } from './fair-shares.js';

/** The lists of tasks that workers could run, by their digests, and the shares that follow from them. */
export class TaskOffers {
  readonly #lists = new Map<string, ReadonlySet<string>>();
  #own: { digest: string; tasks: readonly string[] } = { digest: '', tasks: [] };
  #last: { question: string; shares: Share[] } | undefined;

  /** @returns Whether the list is another one than before. */
  setOwn(tasks: readonly string[]): boolean {
    const sorted = [...new Set(tasks)].sort();
    const digest = createHash('sha256').update(JSON.stringify(sorted)).digest('base64url');
    const isNew = digest !== this.#own.digest;
    this.#own = { digest, tasks: sorted };
    this.#lists.set(digest, new Set(sorted));
    return isNew;
  }

  get own(): { readonly digest: string; readonly tasks: readonly string[] } {
    return this.#own;
  }

  has(task: string): boolean {
    return this.#lists.get(this.#own.digest)?.has(task) === true;
  }

  /** The digests whose lists are not known here. */
  unknownOf(workers: readonly SharingWorker[]): string[] {
    return [...new Set(workers.map(({ digest }) => digest))].filter((digest) => !this.#lists.has(digest));
  }

  learn(digest: string, tasks: readonly string[]): void {
    this.#lists.set(digest, new Set(tasks));
  }

  /** Computed again only when somebody came, went, or offers something else. */
  sharesOf(me: number, workers: readonly SharingWorker[]): Share[] {
    const question = JSON.stringify([me, workers.map(({ worker, digest }) => [worker, digest])]);
    if (this.#last?.question !== question) {
      const used = new Set(workers.map(({ digest }) => digest).concat(this.#own.digest));
      for (const digest of this.#lists.keys()) if (!used.has(digest)) this.#lists.delete(digest);
      this.#last = { question, shares: fairShares(me, workers, this.#lists) };
    }
    return this.#last.shares;
  }
}
