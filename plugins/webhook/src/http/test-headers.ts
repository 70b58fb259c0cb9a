import type { Attempt } from '@aftercommit/registry';
import type { RequestHeaders } from './request-headers.js';

const none: RequestHeaders = {};

/** That the attempt is a test; nothing, when it is in earnest. */
export function testHeaders({ isTest }: Attempt): RequestHeaders {
  return isTest === true ? { 'aftercommit-test': 'true' } : none;
}
