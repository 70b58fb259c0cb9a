/**
 * One level of what names mean. The same levels hold shapes while a template is compiled and values while it is rendered,
 * so that both read a path alike. `#each` and `#with` add a level; `#if` and `#unless` do not.
 */
export type VariableScope<Value> = {
  /** What `this` is here. */
  readonly self: Value;
  readonly parent: VariableScope<Value> | undefined;
  /** Named by `as |name index|`. */
  readonly blockParameters: ReadonlyMap<string, Value>;
  /** `@index`, `@key`, `@first`, `@last`; undefined outside `#each`. */
  readonly loop: ReadonlyMap<string, Value> | undefined;
};

/** Where a path begins. */
export type PathBase =
  | { readonly from: 'root' }
  | { readonly from: 'self'; readonly levelsUp: number }
  | { readonly from: 'blockParameter'; readonly name: string }
  | { readonly from: 'loop'; readonly name: string; readonly loopsUp: number };

/** A path: where it begins, the fields it steps through, and how the template writes it. */
export type VariablePath = { readonly base: PathBase; readonly parts: readonly string[]; readonly text: string };

/** The outermost level: `self` holds the variables. */
export function rootScope<Value>(self: Value): VariableScope<Value> {
  return { self, parent: undefined, blockParameters: new Map(), loop: undefined };
}

/** The value or shape where a path begins; undefined when there is no such level or name. */
export function resolveBase<Value>(scope: VariableScope<Value>, base: PathBase): Value | undefined {
  switch (base.from) {
    case 'root':
      return outermost(scope).self;
    case 'self':
      return ancestor(scope, base.levelsUp)?.self;
    case 'blockParameter':
      return nearest(scope, (level) => level.blockParameters.has(base.name))?.blockParameters.get(base.name);
    case 'loop':
      return enclosingLoop(scope, base.loopsUp)?.get(base.name);
  }
}

function nearest<Value>(
  scope: VariableScope<Value> | undefined,
  matches: (level: VariableScope<Value>) => boolean,
): VariableScope<Value> | undefined {
  let level = scope;
  while (level !== undefined && !matches(level)) level = level.parent;
  return level;
}

function outermost<Value>(scope: VariableScope<Value>): VariableScope<Value> {
  let level = scope;
  while (level.parent !== undefined) level = level.parent;
  return level;
}

function ancestor<Value>(scope: VariableScope<Value>, levelsUp: number): VariableScope<Value> | undefined {
  let level: VariableScope<Value> | undefined = scope;
  for (let climbed = 0; climbed < levelsUp; climbed += 1) level = level?.parent;
  return level;
}

function enclosingLoop<Value>(scope: VariableScope<Value>, loopsUp: number): ReadonlyMap<string, Value> | undefined {
  let level = nearest(scope, isLoop);
  for (let passed = 0; passed < loopsUp; passed += 1) level = nearest(level?.parent, isLoop);
  return level?.loop;
}

function isLoop<Value>(level: VariableScope<Value>): boolean {
  return level.loop !== undefined;
}
