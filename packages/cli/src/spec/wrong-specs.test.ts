import { postgres } from '@aftercommit/connector-postgres';
import { sqlite } from '@aftercommit/connector-sqlite';
import { describe, expect, it } from 'vitest';
import { testIo } from '../../test/command-line-bench.js';
import { wrongSpecs } from '../../test/wrong-specs.js';
import { builtInKinds } from '../kinds/installed-kinds.js';
import { readSpec } from './read-spec.js';

const { registry, egress } = builtInKinds({}, testIo('/'));
const installed = { registry, egress, connectors: [sqlite, postgres] };

function issuesOf(text: string): string[] {
  return readSpec(text, 'a.yaml', installed).issues.map(
    ({ line, column, code, trigger, message }) =>
      `${line}:${column} ${code} ${trigger === undefined ? '' : `${trigger}: `}${message}`,
  );
}

describe('a spec as it is written wrong', () => {
  it.each(Object.entries(wrongSpecs))('%s', (_what, { text, issues }) => {
    expect(issuesOf(text)).toEqual(issues);
  });

  it.each(Object.entries(wrongSpecs))('is told the same with line ends of Windows: %s', (_what, { text }) => {
    expect(issuesOf(text.replaceAll('\n', '\r\n'))).toEqual(issuesOf(text));
  });

  it('shows no secret', () => {
    const all = Object.values(wrongSpecs).map(({ text }) => text);
    expect(all.filter((text) => text.includes('s3cret')).length).toBeGreaterThan(3);
    expect(all.flatMap(issuesOf).join('\n')).not.toContain('s3cret');
  });
});
