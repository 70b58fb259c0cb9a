import { kindConformance } from '@aftercommit/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { programReceiver } from '../test/program-receiver.js';
import { Programs } from '../test/programs.js';
import { isCommandError } from './command-error.js';
import { commandKind } from './command-kind.js';

const programs = new Programs();
afterAll(() => programs.remove());

describe('a command', () => {
  const { program, receiver } = programReceiver(programs);
  const cases = kindConformance({
    kind: commandKind({ allow: [program] }),
    config: { program, args: ['--quiet'], env: { TOKEN: 's3cret-token' } },
    invalidConfigs: [
      { config: {}, pointer: '/program' },
      { config: { program: '/usr/bin/env' }, pointer: '/program' },
      { config: { program, env: { 'a-b': 's3cret-token' } }, pointer: '/env' },
      { config: { program, rejectCodes: [0] }, pointer: '/rejectCodes/0' },
    ],
    receiver,
    reachesHosts: false,
  });
  for (const { title, run, skip } of cases) test.skipIf(skip !== undefined)(title, run);

  test('shows the name of its program, and no path', () => {
    const { describeTarget } = commandKind({ allow: [] });
    expect(describeTarget({ program: '/opt/t0ken/report.sh' })).toBe('command://report.sh');
  });

  test.each(['report.sh', './report.sh', '/opt/../report.sh', '/opt//report.sh', '/opt/./report.sh', ''])(
    'allows no %j, which does not say which program it is',
    (path) => {
      expect(() => commandKind({ allow: [path] })).toThrow(/cannot be allowed/);
      try {
        commandKind({ allow: [path] });
      } catch (error) {
        expect(isCommandError(error) && error.code).toBe('ALLOWED_PATH_INVALID');
      }
    },
  );
});
