import { expect, test } from 'vitest';
import { hostsOf } from './hosts.js';

test('makes of each host a URL of its own, with the same login, database and parameters', () => {
  expect(hostsOf('postgres://me:p%40ss@one:5433,two,[::1]:5434/orders?sslmode=disable')).toEqual([
    { name: 'one:5433', config: { connectionString: 'postgres://me:p%40ss@one:5433/orders?sslmode=disable' } },
    { name: 'two', config: { connectionString: 'postgres://me:p%40ss@two/orders?sslmode=disable' } },
    { name: '[::1]:5434', config: { connectionString: 'postgres://me:p%40ss@[::1]:5434/orders?sslmode=disable' } },
  ]);
});

test.each(['postgres://one', 'postgresql://one/', 'postgres:///orders?host=/run/postgresql', 'postgres://'])(
  'takes %s',
  (url) => {
    expect(hostsOf(url)).toHaveLength(1);
  },
);

test.each(['', 'one,two', 'mysql://hunter2@one', 'postgres://me:hun/ter2@one/orders', 'postgres://me:hunter2'])(
  'quotes nothing of %s, which may be a password',
  (url) => {
    let message = 'nothing was thrown';
    try {
      const hosts = hostsOf(url);
      // What looks like a host is named as one: here a login without a host.
      message = hosts.map(({ name }) => name).join();
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      message = String(error);
    }
    expect(message).not.toMatch(/hunter2|hun|ter2/);
  },
);

test.each(['standby', 'read-only', 'prefer-standby'])('refuses target_session_attrs=%s', (wanted) => {
  expect(() => hostsOf(`postgres://one/orders?target_session_attrs=${wanted}`)).toThrow(TypeError);
  expect(hostsOf('postgres://one/orders?target_session_attrs=primary')).toHaveLength(1);
});
