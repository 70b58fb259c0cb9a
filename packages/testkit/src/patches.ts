import { syncBuiltinESMExports } from 'node:module';

/** Functions of Node that are replaced for a while, wherever they are imported. The last one replaced is put back first. */
export class Patches {
  readonly #undo: Array<() => void> = [];

  replace<Target extends object, Name extends keyof Target>(
    target: Target,
    name: Name,
    by: (original: Target[Name]) => Target[Name],
  ): this {
    const own = Object.getOwnPropertyDescriptor(target, name);
    const value = by(target[name]);
    Object.defineProperty(target, name, {
      configurable: true,
      enumerable: own?.enumerable ?? true,
      writable: true,
      value,
    });
    this.#undo.push(() => {
      // What was inherited is so again.
      if (own === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, own);
    });
    syncBuiltinESMExports();
    return this;
  }

  restore(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
    syncBuiltinESMExports();
  }
}
