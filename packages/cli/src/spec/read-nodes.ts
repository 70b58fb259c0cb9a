import { isJsonObject, jsonPointer } from '@aftercommit/models';
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import type { SpecPath } from './issue-collector.js';

/** A finding about a node of the file. */
export type NodeIssue = { node: Node; pointer: string; message: string };

/** What the nodes of a file stand for. */
export type ReadNodes = {
  value: unknown;
  /** What each alias stands for. */
  targets: ReadonlyMap<Alias, Node>;
  /** What cannot be understood at all: aliases and merge keys without a meaning. */
  problems: NodeIssue[];
  /** Fields that are given more than once. The last one counts; of mappings, all that is in them: nothing in them is missing. */
  duplicates: NodeIssue[];
};

/** How many values aliases may stand for in all: a few lines of them can stand for billions. */
const maxAliasedValues = 1_000_000;

/**
 * Reads nodes as plain values: aliases stand for what their anchor holds, and `<<` merges. In linear time whatever the file,
 * which the library's own conversion is not.
 */
export function readNodes(root: Node, lineOf: (node: Node) => number): ReadNodes {
  const reader = new NodeReader(lineOf);
  const value = reader.read(root, []);
  return { value, targets: reader.targets, problems: reader.problems, duplicates: reader.duplicates };
}

/** What an anchor names; `isOpen` while it is being read. */
type Anchored = { node: Node; value: unknown; size: number; isOpen: boolean };

class NodeReader {
  readonly targets = new Map<Alias, Node>();
  readonly problems: NodeIssue[] = [];
  readonly duplicates: NodeIssue[] = [];
  readonly #lineOf: (node: Node) => number;
  readonly #anchors = new Map<string, Anchored>();
  /** Values read, those that aliases stand for included. */
  #size = 0;
  #aliasedSize = 0;

  constructor(lineOf: (node: Node) => number) {
    this.#lineOf = lineOf;
  }

  read(node: unknown, path: SpecPath): unknown {
    this.#size += 1;
    if (isAlias(node)) return this.#readAlias(node, path);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    if (node.anchor === undefined) return this.#readContent(node, path);
    const anchored: Anchored = { node, value: null, size: 0, isOpen: true };
    this.#anchors.set(node.anchor, anchored);
    const sizeBefore = this.#size;
    anchored.value = this.#readContent(node, path);
    anchored.size = this.#size - sizeBefore + 1;
    anchored.isOpen = false;
    return anchored.value;
  }

  #readContent(node: Node, path: SpecPath): unknown {
    if (isMap(node)) return this.#readMap(node, path);
    if (isSeq(node)) return node.items.map((item, index) => this.read(item, [...path, index]));
    return isScalar(node) ? node.value : null;
  }

  #readMap(map: YAMLMap, path: SpecPath): unknown {
    const fields = new Map<string, unknown>();
    const keys = new Map<string, Node>();
    for (const { key, value } of map.items) {
      if (!isScalar(key)) continue;
      if (isMergeKey(key)) {
        for (const [name, merged] of this.#merged(key, value, path)) {
          if (!fields.has(name)) fields.set(name, merged);
        }
      } else {
        this.#checkColon(key, value, path);
        const name = keyName(key);
        this.#claim(name, key, keys, path);
        fields.set(name, withFormer(fields.get(name), this.read(value, [...path, name])));
      }
    }
    // Not by assignment: `__proto__` is a field like any other.
    return Object.fromEntries(fields);
  }

  /** `{path:a.db}` and `{path a.db}` are fields without a value in YAML, and nobody means that. */
  #checkColon(key: Scalar, value: unknown, path: SpecPath): void {
    if (value !== null || key.type !== 'PLAIN') return;
    const name = keyName(key);
    if (name.startsWith('//')) {
      this.#problem(
        key,
        path,
        'A comment begins with "#" in YAML, also in one that is written as JSON: "//" begins none.',
      );
    } else if (/^[^:]+:[^/]/.test(name)) {
      this.#problem(key, path, 'A space is missing behind the colon. Without it, all of this is the name of a field.');
    } else if (/\s/.test(name)) {
      this.#problem(key, path, 'A colon is missing here. Without it, all of this is the name of a field.');
    }
  }

  #claim(name: string, key: Node, keys: Map<string, Node>, path: SpecPath): void {
    const first = keys.get(name);
    if (first === undefined) {
      keys.set(name, key);
      return;
    }
    const message = `"${name}" is given twice here, first in line ${this.#lineOf(first)}. Remove one, or give it its own name.`;
    this.duplicates.push({ node: key, pointer: jsonPointer([...path, name]), message });
  }

  /** The fields that `<<` brings; of several mappings the earlier ones win. */
  #merged(key: Node, source: unknown, path: SpecPath): Array<[string, unknown]> {
    const problemsBefore = this.problems.length;
    const value = this.read(source, path);
    const mappings: unknown[] = Array.isArray(value) ? value : [value];
    if (mappings.every(isJsonObject)) return mappings.flatMap((mapping) => Object.entries(mapping));
    if (this.problems.length === problemsBefore) {
      this.#problem(key, path, '"<<" merges mappings. Give it an alias of one (<<: *name), or a list of such aliases.');
    }
    return [];
  }

  #readAlias(alias: Alias, path: SpecPath): unknown {
    const anchored = this.#anchors.get(alias.source);
    // What follows * is not shown: it can be a secret that somebody forgot to quote.
    if (anchored === undefined) {
      const message = 'Without quotes, "*" stands for an anchor (&name) further up, and there is none of this name.';
      this.#problem(alias, path, `${message} Put a text that begins with "*" in quotes.`);
      return null;
    }
    if (anchored.isOpen) {
      this.#problem(alias, path, 'This alias stands for something that it is a part of. Write out what is meant.');
      return null;
    }
    this.targets.set(alias, anchored.node);
    this.#size += anchored.size;
    const sizeBefore = this.#aliasedSize;
    this.#aliasedSize += anchored.size;
    if (sizeBefore <= maxAliasedValues && this.#aliasedSize > maxAliasedValues) {
      const message =
        'Up to here the aliases of this file stand for more than a million values. Write out what is meant.';
      this.#problem(alias, path, message);
    }
    // The one value for all of its aliases: what is large is so for those alone who walk through it.
    return anchored.value;
  }

  #problem(node: Node, path: SpecPath, message: string): void {
    this.problems.push({ node, pointer: jsonPointer(path), message });
  }
}

/** Two mappings of one name are most likely parts of one. */
function withFormer(former: unknown, value: unknown): unknown {
  return isJsonObject(former) && isJsonObject(value) ? { ...former, ...value } : value;
}

/** What a field is called. The parser reads every key as a text; one that is left out is `''`. */
export function keyName({ value }: Scalar): string {
  return typeof value === 'string' ? value : '';
}

/** In quotes it is a field like any other. */
export function isMergeKey(key: Scalar): boolean {
  return key.type === 'PLAIN' && key.value === '<<';
}
