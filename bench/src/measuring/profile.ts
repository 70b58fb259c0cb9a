import { Session } from 'node:inspector/promises';

/** Microseconds that a process spent in each part of the work, and waiting. */
export type Shares = Map<string, number>;

type ProfileNode = { id: number; callFrame: { functionName: string; url: string }; children?: number[] | undefined };

/** Profiles what a piece of work does, and adds the time of each function itself up by the part that it belongs to. */
export async function profileParts(work: () => Promise<void>): Promise<Shares> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 100 });
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const parts = partsOf(profile.nodes);
  const shares: Shares = new Map();
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const part = parts.get(id) ?? 'other';
    shares.set(part, (shares.get(part) ?? 0) + (profile.timeDeltas?.[index] ?? 0));
  }
  return shares;
}

/** The part of each node: what has no file of its own (native calls, promises) belongs to who called it. */
function partsOf(nodes: readonly ProfileNode[]): Map<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parts = new Map<number, string>();
  const visit = (node: ProfileNode, calledFrom: string): void => {
    const part = partOf(node) ?? calledFrom;
    parts.set(node.id, part);
    for (const child of node.children ?? []) {
      const next = byId.get(child);
      if (next !== undefined) visit(next, part);
    }
  };
  const [root] = nodes;
  if (root !== undefined) visit(root, 'Node: event loop');
  return parts;
}

/** The native calls of better-sqlite3, by the names of its methods. */
const databaseCalls = new Set(['run', 'get', 'all', 'iterate', 'pragma', 'exec', 'prepare']);

function partOf({ callFrame: { functionName, url } }: ProfileNode): string | undefined {
  if (functionName === '(idle)') return 'waiting for the receiver';
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (url === '') return databaseCalls.has(functionName) ? 'SQLite, the disk included' : undefined;
  if (url.startsWith('node:')) return partOfNode(url);
  const dependency = [...url.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].at(-1)?.[1];
  if (dependency !== undefined && dependency !== '.pnpm')
    return dependency === 'better-sqlite3' ? undefined : partOfGot(dependency);
  return /(?:packages|plugins)\/([^/]+)\//.exec(url)?.[1] ?? (url.includes('/bench/') ? 'the loop itself' : undefined);
}

function partOfNode(url: string): string {
  if (/node:(_http|http|internal\/http)/.test(url)) return 'Node: HTTP';
  if (/node:(net|internal\/(stream_base|net|dns)|_tls|dns)/.test(url)) return 'Node: sockets';
  if (/stream/.test(url)) return 'Node: streams';
  if (/timers/.test(url)) return 'Node: timers';
  if (/event_target|abort_controller|events|async_local|async_hooks/.test(url)) return 'Node: events, aborts';
  return 'Node: other';
}

/** got stands on a dozen packages. */
function partOfGot(dependency: string): string {
  if (dependency === 'undici') return 'undici';
  return ['typebox', 'fdb-tuple', 'handlebars', 'tsx'].includes(dependency) ? dependency : 'got and what it stands on';
}
