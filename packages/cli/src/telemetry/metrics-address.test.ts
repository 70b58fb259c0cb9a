import { expect, test } from 'vitest';
import { hostAndPort, metricsAddress } from './metrics-address.js';

test.each([
  ['9464', '127.0.0.1', 9464],
  [':9464', '127.0.0.1', 9464],
  [':0', '127.0.0.1', 0],
  ['0.0.0.0:80', '0.0.0.0', 80],
  ['metrics.internal:65535', 'metrics.internal', 65_535],
  ['[::1]:9464', '::1', 9464],
])('%s is %s, port %d', (text, host, port) => {
  expect(metricsAddress(text)).toEqual({ host, port });
});

test.each([
  '',
  ':',
  'localhost',
  ':65536',
  ':-1',
  ':1e3',
  '::1:9464',
  'http://localhost:9464',
  'a b:1',
  ':9464/metrics',
])('%j is no address', (text) => {
  expect(metricsAddress(text)).toBeUndefined();
});

test('an IPv6 address stands in brackets, as in a URL', () => {
  expect(hostAndPort({ host: '::1', port: 1 })).toBe('[::1]:1');
  expect(hostAndPort({ host: 'a', port: 1 })).toBe('a:1');
});
