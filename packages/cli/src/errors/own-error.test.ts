import { ConnectorError, SourceError } from '@aftercommit/runtime-adapter';
import { expect, test } from 'vitest';
import { ownErrorCode } from './own-error.js';

test('knows the errors that our packages throw on purpose', () => {
  expect(ownErrorCode(new SourceError('SOURCE_CHANGED', 'It changed.'))).toBe('SOURCE_CHANGED');
  expect(ownErrorCode(new ConnectorError('ENDPOINT_LOCKED', 'It is locked.'))).toBe('ENDPOINT_LOCKED');
});

test('takes nothing else for one', () => {
  expect(ownErrorCode(new TypeError('x is undefined'))).toBeUndefined();
  expect(ownErrorCode(Object.assign(new Error('no such file'), { code: 'ENOENT' }))).toBeUndefined();
  expect(ownErrorCode('STORE_FENCED')).toBeUndefined();
});
