import { egressGuard, type KindIssue } from '@aftercommit/registry';
import { expect, test } from 'vitest';
import type { CommandConfig } from './command-config.js';
import { commandKind } from './command-kind.js';

const kind = commandKind({ allow: ['/opt/report.sh', '/opt/hooks/'] });

function issuesOf(config: Partial<CommandConfig>): KindIssue[] {
  return kind.validate?.({ program: '/opt/report.sh', ...config }, { egress: egressGuard() }) ?? [];
}
const places = (config: Partial<CommandConfig>) =>
  issuesOf(config).map(({ severity, pointer }) => `${severity} ${pointer}`);

test('accepts a program that is allowed, and those in a folder that is', () => {
  for (const program of ['/opt/report.sh', '/opt/hooks/a.sh', '/opt/hooks/below/b']) {
    expect(issuesOf({ program, args: ['-x', ''], env: { TOKEN: 's', TZ: 'UTC' }, cwd: '/tmp' })).toEqual([]);
  }
});

test('says how a program that is not allowed can be', () => {
  const [issue] = issuesOf({ program: '/opt/other.sh' });
  expect(issue).toMatchObject({ severity: 'error', pointer: '/program' });
  expect(issue?.message).toContain('--allow-command /opt/other.sh');
  expect(issue?.message).toContain("commandKind({ allow: ['/opt/other.sh'] })");
});

test.each([
  'report.sh',
  './report.sh',
  '~/report.sh',
  '/opt/hooks',
  '/opt/hooks/',
  '/opt/hooks/../../bin/sh',
  '/opt/hooks/./a',
  '/opt/hooks//a',
  '/opt/hooksmith',
  '/opt/report.sh ',
  '/OPT/report.sh',
  '/opt/report.sh\0',
  '',
])('refuses the program %j', (program) => {
  expect(places({ program })).toEqual(['error /program']);
});

test.each([
  'AFTERCOMMIT_EPOCH',
  'aftercommit_x',
  'TRACEPARENT',
  'PATH',
  'HOME',
  'LD_PRELOAD',
  'BASH_ENV',
  'NODE_OPTIONS',
  'IFS',
])('refuses the variable %s', (name) => {
  expect(places({ env: { [name]: 'x' } })).toEqual([`error /env/${name}`]);
});

test('passes variables that only mean something to the program', () => {
  expect(issuesOf({ env: { NODE_ENV: 'production', LC_ALL: 'C', https_proxy: 'http://proxy' } })).toEqual([]);
});

test('shows no value that got into a name', () => {
  const issues = issuesOf({ env: { 'TOKEN=s3cret': '', 'a b': 's3cret' } });
  expect(issues.map(({ pointer }) => pointer)).toEqual(['/env', '/env']);
  expect(JSON.stringify(issues)).not.toContain('s3cret');
});

test('refuses zero bytes, which would end a text early, and a cwd that is relative', () => {
  expect(places({ args: ['a', 'b\0c'] })).toEqual(['error /args/1']);
  expect(places({ env: { TOKEN: 'b\0c' } })).toEqual(['error /env/TOKEN']);
  expect(places({ cwd: 'data' })).toEqual(['error /cwd']);
});

test('warns of a template in an argument, where none is read', () => {
  expect(places({ args: ['{{run_id}}'] })).toEqual(['warning /args/0']);
});

test('looks at a sealed environment, whose values are absent', () => {
  const env = { TOKEN: undefined } as unknown as Record<string, string>;
  expect(issuesOf({ env })).toEqual([]);
});
