import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readWindow, readWindowFile } from './window-file.js';

/** Line, column and message of every issue. */
function problems(text: string): Array<[string, string]> {
  return readWindow(text).issues.map(({ line, column, message }) => [`${line}:${column}`, message]);
}

test('takes some variables, or all', () => {
  expect(readWindow('{"docs_total": 3}')).toEqual({ variables: { docs_total: 3 }, issues: [] });
  const all = {
    materialization_name: 'acme/orders',
    connector_image: '',
    collection_names: ['acme/orders'],
    resource_paths: [['public', 'orders']],
    flow_published_at_min: '',
    flow_published_at_max: '2024-01-01T00:00:00.5Z',
    run_id: '2024-01-01T00:00:01.000000Z',
    docs_total: 1,
    bytes_total: 10,
  };
  expect(readWindow(`\uFEFF${JSON.stringify(all)}`)).toEqual({ variables: all, issues: [] });
});

test('takes YAML, of which JSON is a part', () => {
  expect(readWindow('docs_total: 3\ncollection_names: [a/b]\n')).toEqual({
    variables: { docs_total: 3, collection_names: ['a/b'] },
    issues: [],
  });
});

test('says everything that is wrong, and where', () => {
  const text = `{
  "docs_totl": 3,
  "bytes_total": "many",
  "run_id": "2024-01-01T00:00:00Z",
  "collection_names": [],
  "flow_published_at_min": "yesterday"
}`;
  expect(problems(text)).toEqual([
    ['2:3', expect.stringContaining('There is no field "docs_totl" (did you mean "docs_total"?)')],
    ['3:18', 'bytes_total must be a whole number.'],
    ['4:13', 'run_id must be a time with six digits behind the point, such as 2024-06-15T12:30:00.000000Z.'],
    ['5:23', 'collection_names must name at least one collection.'],
    ['6:28', 'flow_published_at_min must be a time such as 2024-06-15T12:30:00Z, or "" where no document has one.'],
  ]);
});

test('gives no variables when one is wrong', () => {
  expect(readWindow('{"docs_total": 3, "bytes_total": -1}').variables).toEqual({});
});

test.each([
  ['{"docs_total": 3', '1:'],
  ['', '1:1'],
  ['[]', '1:1'],
  ['{"docs_total": 1,\n "docs_total": 2}', '2:2'],
])('refuses %j at its place', (text, place) => {
  expect(problems(text)).toEqual([[expect.stringMatching(`^${place}`), expect.any(String)]]);
});

test('says of a file that is not there what to give', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aftercommit-window-'));
  try {
    expect(() => readWindowFile('window.json', folder)).toThrow(
      'There is no file window.json: give the path of a file with variables of a window, such as {"docs_total": 3}.',
    );
    expect(() => readWindowFile('.', folder)).toThrow(/^\. cannot be read \(illegal operation on a directory\): give/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
