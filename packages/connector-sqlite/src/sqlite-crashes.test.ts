import { expect, test } from 'vitest';
import { CrashRuntime, type Moment, moments, sourceLength } from '../test/crash-runtime.js';
import { bind, type Owner, SqliteBench } from '../test/sqlite-bench.js';

const owners: Owner[] = ['endpoint', 'store'];
const sessions = owners.flatMap((owner) => moments.map((moment): [Owner, Moment] => [owner, moment]));

test.each(sessions)('every document counts once after a crash: owner %s, crashed after %s', async (...first) => {
  for (const second of sessions) {
    const bench = new SqliteBench();
    bench.bindings = [bind('counters'), bind('events', { delta: true })];
    const runtime = new CrashRuntime(bench);
    await runtime.run(...first);
    await runtime.run(...second);
    await runtime.run(second[0] === 'store' ? 'endpoint' : 'store', 'none');
    const story = JSON.stringify([first, second]);
    expect(bench.documents('counters'), story).toEqual([{ id: 'counter', count: sourceLength }]);
    expect(bench.documents('events'), story).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }]);
    expect(bench.query('SELECT * FROM aftercommit_staged_document'), story).toEqual([]);
    await bench.remove();
  }
});
