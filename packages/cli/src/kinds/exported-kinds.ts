import type { TriggerKind } from '@aftercommit/registry';
import type { ModuleExports } from './import-plugin.js';

/**
 * The trigger kinds among what a module exports, under any name and as its default, each once. CommonJS modules whose names
 * Node cannot see have all of them in their default.
 */
export function exportedKinds(exports: ModuleExports): TriggerKind[] {
  const inside = exports['default'];
  const all = [...Object.values(exports), ...(isObject(inside) && !isKind(inside) ? Object.values(inside) : [])];
  return [...new Set(all.filter(isKind))];
}

/** Why a module has no kind, as the end of a sentence. */
export function withoutKindText(exports: ModuleExports): string {
  const names = Object.keys(exports);
  if (names.length === 0) return 'it exports nothing';
  const [almost] = Object.entries(exports).filter(([, value]) => isObject(value) && Object.hasOwn(value, 'kind'));
  if (almost === undefined) return `it exports ${names.join(', ')}, and none of them is one`;
  const [name, value] = almost;
  const missing = kindMarks.filter((mark) => !isObject(value) || value[mark] === undefined);
  return `what it exports as ${name} has no ${missing.join(' and no ')}`;
}

const kindMarks = ['contractVersion', 'kind', 'open'];

/** What it says of itself is checked by the registry, which names it. */
function isKind(value: unknown): value is TriggerKind {
  return isObject(value) && kindMarks.every((mark) => value[mark] !== undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
