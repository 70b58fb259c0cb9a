import { expect, test } from 'vitest';
import { durabilityOf, warningOf } from './durability.js';

const defaults = { fsync: 'on', fullPageWrites: 'on', synchronousCommit: 'on', synchronousStandbyNames: '' };

test.each([
  [{}, 'power-loss'],
  [{ synchronousStandbyNames: 'FIRST 1 (a, b)' }, 'replicated'],
  [{ synchronousStandbyNames: 'a', synchronousCommit: 'remote_apply' }, 'replicated'],
  [{ synchronousStandbyNames: 'a', synchronousCommit: 'local' }, 'power-loss'],
  [{ fsync: 'off' }, 'process-crash'],
  [{ fullPageWrites: 'off' }, 'process-crash'],
  [{ fsync: 'off', synchronousStandbyNames: 'a' }, 'process-crash'],
])('with the settings %j an acknowledged write survives: %s', (settings, expected) => {
  expect(durabilityOf({ ...defaults, ...settings })).toBe(expected);
});

test('warns of everything that a lost primary or a power cut can take away', () => {
  expect(warningOf('replicated', 'PostgreSQL at a')).toBeUndefined();
  expect(warningOf('power-loss', 'PostgreSQL at a')).toContain('waits for no standby');
  expect(warningOf('process-crash', 'PostgreSQL at a')).toContain('power cut');
});
