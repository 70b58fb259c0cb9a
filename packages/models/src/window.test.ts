import { readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { copyWindow, sortedNames, sortedPaths, uniteWindows, type Window, WindowSchema } from './window.js';

type Step = { commit?: string; at: number; fires: [min: string, max: string] | null; runIdOf?: string };

const vectors: { window: Array<{ interval: number | null; steps: Step[] }> } = JSON.parse(
  readFileSync(new URL('../vectors/variables.json', import.meta.url), 'utf8'),
);

const emoji = '\u{1f600}';
const fullwidthTilde = '\uff5e';

function windowOf(overrides: Partial<Window> = {}): Window {
  return {
    materialization_name: 'acmeCo/orders',
    connector_image: '',
    collection_names: ['acmeCo/a'],
    resource_paths: [['a']],
    flow_published_at_min: '2024-01-01T00:00:00Z',
    flow_published_at_max: '2024-01-01T00:00:00Z',
    run_id: '2024-01-01T00:00:00.000000Z',
    docs_total: 1,
    bytes_total: 10,
    ...overrides,
  };
}

function committedAt(instant: string): Window {
  return windowOf({ flow_published_at_min: instant, flow_published_at_max: instant, run_id: instant });
}

describe('copyWindow', () => {
  it('shares nothing with the window it is of', () => {
    const window = windowOf();
    const copy = copyWindow(window);
    expect(copy).toEqual(window);
    copy.collection_names.push('acmeCo/z');
    copy.resource_paths[0]?.push('z');
    copy.docs_total = 7;
    expect(window).toEqual(windowOf());
  });
});

describe('uniteWindows', () => {
  it.each(vectors.window)('unites what the reference system delivers together at interval $interval', ({ steps }) => {
    let waiting: Window[] = [];
    for (const { commit, fires, runIdOf } of steps) {
      if (commit !== undefined) waiting.push(committedAt(commit));
      if (fires === null) continue;
      const united = waiting.reduce(uniteWindows);
      expect([united.flow_published_at_min, united.flow_published_at_max]).toEqual(fires);
      expect(united.run_id).toBe(runIdOf ?? commit);
      waiting = [];
    }
    expect(waiting).toEqual([]);
  });

  it('unites names and paths, sums counts, and keeps the run id of the first', () => {
    const first = windowOf({
      collection_names: ['b', 'c'],
      resource_paths: [['public', 'users'], ['orders']],
      run_id: '2024-01-01T00:00:05.000000Z',
      docs_total: 2,
      bytes_total: 100,
    });
    const second = windowOf({
      collection_names: ['a', 'b'],
      resource_paths: [['orders'], ['public']],
      run_id: '2024-01-01T00:00:09.000000Z',
      docs_total: 3,
      bytes_total: 0,
    });

    expect(uniteWindows(first, second)).toEqual({
      ...first,
      collection_names: ['a', 'b', 'c'],
      resource_paths: [['orders'], ['public'], ['public', 'users']],
      docs_total: 5,
      bytes_total: 100,
    });
  });

  it('changes neither of its windows', () => {
    const first = Object.freeze(windowOf({ collection_names: Object.freeze(['b']) as string[] }));
    const second = Object.freeze(windowOf({ collection_names: Object.freeze(['a']) as string[] }));
    expect(uniteWindows(first, second).collection_names).toEqual(['a', 'b']);
    expect([first.collection_names, second.collection_names]).toEqual([['b'], ['a']]);
  });

  it.each([
    ['neither', '', '', '', ''],
    ['the first', '2024-01-01T00:00:00Z', '', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'],
    ['the second', '', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'],
    ['both', '2024-01-01T00:00:20.5Z', '2024-01-01T00:00:20Z', '2024-01-01T00:00:20Z', '2024-01-01T00:00:20.5Z'],
    ['both', '2024-01-01T00:00:20Z', '2024-01-01T00:00:20.5Z', '2024-01-01T00:00:20Z', '2024-01-01T00:00:20.5Z'],
    [
      'both',
      '0999-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999999999Z',
      '0999-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999999999Z',
    ],
  ])('takes the earliest and the latest clock when %s had one: %j and %j', (_which, first, second, min, max) => {
    const united = uniteWindows(
      windowOf({ flow_published_at_min: first, flow_published_at_max: first }),
      windowOf({ flow_published_at_min: second, flow_published_at_max: second }),
    );
    expect([united.flow_published_at_min, united.flow_published_at_max]).toEqual([min, max]);
  });

  it('gives the same window however its neighbours are grouped', () => {
    const windows = ['2024-01-01T00:00:20.5Z', '2024-01-01T00:00:20Z', '2024-01-01T00:00:21Z'].map(
      (instant, index) => ({
        ...committedAt(instant),
        collection_names: [`c${3 - index}`],
      }),
    );
    const [first, second, third] = windows as [Window, Window, Window];
    expect(uniteWindows(uniteWindows(first, second), third)).toEqual(uniteWindows(first, uniteWindows(second, third)));
  });

  it('gives what the schema of windows accepts', () => {
    expect(Value.Check(WindowSchema, uniteWindows(windowOf(), windowOf()))).toBe(true);
    expect(Value.Check(WindowSchema, { ...windowOf(), docs_total: -1 })).toBe(false);
  });
});

describe('sortedNames', () => {
  it('sorts by code point, where Array.sort compares halves of an emoji', () => {
    expect([emoji, fullwidthTilde].sort()).toEqual([emoji, fullwidthTilde]);
    expect(sortedNames([emoji, fullwidthTilde, 'a', 'B', 'a', ''])).toEqual(['', 'B', 'a', fullwidthTilde, emoji]);
  });
});

describe('sortedPaths', () => {
  it('sorts part by part, a path before those that it begins', () => {
    const paths = [['b'], ['a', 'b', 'c'], ['a', 'b'], [], ['a'], ['a b'], ['a', 'a', 'z']];
    expect(sortedPaths(paths)).toEqual([[], ['a'], ['a', 'a', 'z'], ['a', 'b'], ['a', 'b', 'c'], ['a b'], ['b']]);
  });

  it('keeps paths apart whose parts only look alike when they are joined', () => {
    const paths = [['a', 'b'], ['a","b'], ['a.b'], ['a', 'b']];
    expect(sortedPaths(paths)).toEqual([['a', 'b'], ['a","b'], ['a.b']]);
  });

  it('compares parts by code point', () => {
    expect(
      sortedPaths([
        ['x', emoji],
        ['x', fullwidthTilde],
      ]),
    ).toEqual([
      ['x', fullwidthTilde],
      ['x', emoji],
    ]);
  });
});
