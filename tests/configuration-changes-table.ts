import type { Hook, Hooks } from './configuration-changes-story.js';

/** What is edited after a run that left a window in every outbox, and what the next run makes of it. */
export type Change = {
  what: string;
  before: Exclude<Hooks, undefined>;
  after: Hooks;
  /** What arrives at each path. */
  arrived: Record<string, string>;
  /** What is left. Undefined: nothing. */
  left?: string[];
  /** Whether a delivery that failed goes out again without the wait it has earned. Undefined: no delivery has failed. */
  lifts?: boolean;
  /** How every request must look. */
  request?: { method?: string; headers?: Record<string, string> };
};

const block = (url: string, fields: Partial<Hook> = {}): Hook => ({ ...fields, url });
const hourly = (url: string, fields: Partial<Hook> = {}): Hook => ({ interval: '1h', ...fields, url });
const park = (url: string, fields: Partial<Hook> = {}): Hook => ({ onFailure: 'park', ...fields, url });

/** The first trigger is A, the second B, the third C. The receiver of A failed, B waits for its interval, C is parked. */
const trio = { a: block('/a'), i: hourly('/i'), p: park('/p') };
const keptOfTrio = ['B i: B2 B3', 'C p: parked C2'];

const token = (value: string): Partial<Hook> => ({ headers: { Authorization: `Bearer ${value}` } });

export const changes: Change[] = [
  {
    what: 'nothing',
    before: trio,
    after: trio,
    arrived: { '/a': 'A2 3', '/p': '3' },
    left: keptOfTrio,
    lifts: false,
  },
  {
    what: 'every URL, under names',
    before: trio,
    after: { a: block('/a2'), i: hourly('/i2'), p: park('/p2') },
    arrived: { '/a2': 'A2 3', '/p2': '3' },
    left: keptOfTrio,
    lifts: true,
  },
  {
    what: 'the URL of the only one, which has no name',
    before: [block('/a')],
    after: [block('/b')],
    arrived: { '/b': 'A2 3' },
    lifts: true,
  },
  {
    what: 'the URL of the only one, which waits for its interval',
    before: [hourly('/a')],
    after: [hourly('/b')],
    arrived: {},
    left: ['A ~: A2 A3'],
  },
  {
    what: 'the URL of the only one, which has parked',
    before: [park('/a')],
    after: [park('/b')],
    arrived: { '/b': '3' },
    left: ['A ~: parked A2'],
  },
  {
    what: 'one URL of two, without names',
    before: [block('/a'), block('/b')],
    after: [block('/c'), block('/b')],
    arrived: { '/c': 'A2 3', '/b': 'B2 3' },
  },
  {
    what: 'both URLs of two, without names',
    before: [block('/a'), block('/b')],
    after: [block('/c'), block('/d')],
    arrived: { '/c': '3', '/d': '3' },
    left: ['A ~ alone: A2', 'B ~ alone: B2'],
  },
  {
    what: 'a slash at the end of a URL',
    before: [block('/a')],
    after: [block('/a/')],
    arrived: { '/a/': 'A2 3' },
    lifts: true,
  },
  {
    what: 'a query',
    before: { a: block('/a?key=1') },
    after: { a: block('/a?key=2') },
    arrived: { '/a?key=2': 'A2 3' },
    lifts: true,
  },
  {
    what: 'every template, under names',
    before: trio,
    after: { a: block('/a', { as: 'y' }), i: hourly('/i', { as: 'y' }), p: park('/p', { as: 'y' }) },
    arrived: { '/a': 'A2:y 3:y', '/p': '3:y' },
    left: keptOfTrio,
    lifts: true,
  },
  {
    what: 'a template, without a name',
    before: [block('/a'), block('/b')],
    after: [block('/a', { as: 'y' }), block('/b')],
    arrived: { '/a': 'A2:y 3:y', '/b': 'B2 3' },
  },
  {
    what: 'URL and template at once, under a name',
    before: { a: block('/a') },
    after: { a: block('/b', { as: 'y' }) },
    arrived: { '/b': 'A2:y 3:y' },
    lifts: true,
  },
  {
    what: 'URL and template at once, without a name',
    before: [block('/a')],
    after: [block('/b', { as: 'y' })],
    arrived: { '/b': 'A2:y 3:y' },
    lifts: true,
  },
  {
    what: 'the method',
    before: [block('/a')],
    after: [block('/a', { method: 'PUT' })],
    arrived: { '/a': 'A2 3' },
    lifts: true,
    request: { method: 'PUT' },
  },
  {
    what: 'the value of a header, which is secret',
    before: [block('/a', token('1')), block('/b', token('1'))],
    after: [block('/a', token('2')), block('/b', token('2'))],
    arrived: { '/a': 'A2 3', '/b': 'B2 3' },
    lifts: false,
    request: { headers: { authorization: 'Bearer 2' } },
  },
  {
    what: 'a header that is new',
    before: [block('/a')],
    after: [block('/a', token('1'))],
    arrived: { '/a': 'A2 3' },
    lifts: true,
    request: { headers: { authorization: 'Bearer 1' } },
  },
  {
    what: 'the timeout',
    before: { a: block('/a') },
    after: { a: block('/a', { timeout: '7s' }) },
    arrived: { '/a': 'A2 3' },
    lifts: true,
  },
  {
    what: 'every name',
    before: trio,
    after: { b: block('/a'), j: hourly('/i'), q: park('/p') },
    arrived: { '/a': 'A2 3', '/p': '3' },
    left: ['B j: B2 B3', 'C q: parked C2'],
    lifts: false,
  },
  {
    what: 'the case of a name',
    before: { dbt: block('/a') },
    after: { DBT: block('/a') },
    arrived: { '/a': 'A2 3' },
  },
  {
    what: 'name and template at once',
    before: { a: block('/a') },
    after: { b: block('/a', { as: 'y' }) },
    arrived: { '/a': 'A2:y 3:y' },
    lifts: true,
  },
  {
    what: 'name and URL at once, which is another trigger',
    before: { a: block('/a') },
    after: { b: block('/b') },
    arrived: { '/b': '3' },
    left: ['A a alone: A2'],
  },
  {
    what: 'a name that is the first, and its URL at once',
    before: [block('/a')],
    after: { a: block('/b') },
    arrived: { '/b': '3' },
    left: ['A ~ alone: A2'],
  },
  {
    what: 'two that are removed',
    before: trio,
    after: { a: block('/a') },
    arrived: { '/a': 'A2 3' },
    left: ['B i alone: B2', 'C p alone: parked C2'],
  },
  {
    what: 'one that is added, in front',
    before: { a: block('/a') },
    after: { n: block('/n'), a: block('/a') },
    arrived: { '/n': '3', '/a': 'A2 3' },
    lifts: false,
  },
  {
    what: 'names that are swapped',
    before: { a: block('/a'), b: block('/b') },
    after: { b: block('/a'), a: block('/b') },
    arrived: { '/b': 'A2 3', '/a': 'B2 3' },
  },
  {
    what: 'URLs that are swapped, under names',
    before: { a: block('/a'), b: block('/b', { as: 'y' }) },
    after: { a: block('/b'), b: block('/a', { as: 'y' }) },
    arrived: { '/b': 'A2 3', '/a': 'B2:y 3:y' },
    lifts: true,
  },
  {
    what: 'URLs that are swapped, without names',
    before: [block('/a'), block('/b', { as: 'y' })],
    after: [block('/b'), block('/a', { as: 'y' })],
    arrived: { '/a': 'A2:y 3:y', '/b': 'B2 3' },
  },
  {
    what: 'one that is split in two, under new names',
    before: { a: block('/a') },
    after: { b: block('/a'), c: block('/a') },
    arrived: { '/a': '3 3 A2' },
  },
  {
    what: 'one that is split in two, which keeps its name',
    before: { a: hourly('/a') },
    after: { b: hourly('/a'), a: hourly('/a') },
    arrived: { '/a': '3' },
    left: ['A a: A2 A3'],
  },
  {
    what: 'two that become one, which has the template of the second',
    before: { a: block('/a'), b: block('/a', { as: 'y' }) },
    after: { c: block('/a', { as: 'y' }) },
    arrived: { '/a': 'B2:y 3:y' },
    left: ['A a alone: A2'],
  },
  {
    what: 'two that become one of them',
    before: { a: block('/a'), b: block('/b') },
    after: { b: block('/b') },
    arrived: { '/b': 'B2 3' },
    left: ['A a alone: A2'],
    lifts: false,
  },
  {
    what: 'a list that becomes a map',
    before: [block('/a'), hourly('/i'), park('/p')],
    after: { p: park('/p'), i: hourly('/i'), a: block('/a') },
    arrived: { '/a': 'A2 3', '/p': '3' },
    left: keptOfTrio,
    lifts: false,
  },
  {
    what: 'a map that becomes a list',
    before: trio,
    after: [park('/p'), hourly('/i'), block('/a')],
    arrived: { '/a': 'A2 3', '/p': '3' },
    left: ['B ~: B2 B3', 'C ~: parked C2'],
  },
  {
    what: 'the order of a list',
    before: [block('/a'), hourly('/i'), park('/p')],
    after: [park('/p'), block('/a'), hourly('/i')],
    arrived: { '/a': 'A2 3', '/p': '3' },
    left: ['B ~: B2 B3', 'C ~: parked C2'],
  },
  {
    what: 'the order of two on one URL',
    before: [block('/a'), block('/a', { as: 'y' })],
    after: [block('/a', { as: 'y' }), block('/a')],
    arrived: { '/a': '3 3:y A2 B2:y' },
  },
  {
    what: 'the template of one of two on one URL',
    before: [block('/a'), block('/a', { as: 'y' })],
    after: [block('/a', { as: 'z' }), block('/a', { as: 'y' })],
    arrived: { '/a': '3:y 3:z A2:z B2:y' },
  },
  {
    what: 'nothing of two that are equal',
    before: [block('/a'), block('/a')],
    after: [block('/a'), block('/a')],
    arrived: { '/a': '3 3 A2 B2' },
  },
  {
    what: 'one of two that are equal, which is removed',
    before: [block('/a'), block('/a')],
    after: [block('/a')],
    arrived: { '/a': 'A2 3' },
    left: ['B ~ alone: B2'],
  },
  {
    what: 'an interval that is new',
    before: { a: block('/a') },
    after: { a: hourly('/a') },
    // What may have been attempted goes out alone, and what commits then is the first of its interval.
    arrived: { '/a': 'A2 3' },
    lifts: true,
  },
  {
    what: 'an interval that is removed',
    before: { i: hourly('/i') },
    after: { i: block('/i') },
    arrived: { '/i': 'A2 3' },
  },
  {
    what: 'an interval that becomes shorter than what has passed',
    before: { i: hourly('/i') },
    after: { i: hourly('/i', { interval: '1ms' }) },
    arrived: { '/i': 'A2 3' },
  },
  {
    what: 'an interval that becomes longer',
    before: { i: hourly('/i') },
    after: { i: hourly('/i', { interval: '2h' }) },
    arrived: {},
    left: ['A i: A2 A3'],
  },
  {
    what: 'block to park',
    before: { a: block('/a') },
    after: { a: park('/a') },
    arrived: { '/a': 'A2 3' },
    lifts: true,
  },
  {
    what: 'park to block',
    before: { p: park('/p') },
    after: { p: block('/p') },
    arrived: { '/p': '3' },
    left: ['A p: parked A2'],
  },
  {
    what: 'no triggers at all',
    before: trio,
    after: undefined,
    arrived: {},
    left: ['A a alone: A2', 'B i alone: B2', 'C p alone: parked C2'],
  },
];
