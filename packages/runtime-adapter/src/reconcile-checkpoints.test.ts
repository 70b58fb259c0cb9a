import type { CommitRecord, RuntimeCheckpoint } from '@aftercommit/persistence/records';
import { describe, expect, it } from 'vitest';
import { divergedCheckpoints, reconcileCheckpoints } from './reconcile-checkpoints.js';

/** `id<parent`; `-`: there is none. */
function checkpoint(text: string): RuntimeCheckpoint | undefined {
  if (text === '-') return undefined;
  const [transactionId = '', parentId = ''] = text.split('<');
  return {
    transactionId,
    parentId: parentId === '' ? null : parentId,
    runId: transactionId,
    window: null,
    position: text,
  };
}

/** A checkpoint and who owned it. */
function commit(text: string): CommitRecord | undefined {
  const [id = '', owner] = text.split(' ');
  const runtimeCheckpoint = checkpoint(id);
  return runtimeCheckpoint && { runtimeCheckpoint, owner: owner === 'endpoint' ? 'endpoint' : 'store' };
}

describe('the runtime checkpoint from which a session goes on', () => {
  it.each<[what: string, store: string, endpoint: string, decision: string, position: string | undefined]>([
    ['neither committed', '-', '-', 'new', undefined],
    ['the endpoint has none', 'b<a store', '-', 'store', 'b<a'],
    ['both have the same', 'b<a endpoint', 'b<a', 'in-step', 'b<a'],
    ['both have the same, whoever owned it', 'b<a store', 'b<a', 'in-step', 'b<a'],
    ['the endpoint is one ahead', 'b<a endpoint', 'c<b', 'one-ahead', 'c<b'],
    ['the endpoint is one ahead since it owns it', 'b<a store', 'c<b', 'one-ahead', 'c<b'],
    ['the endpoint is one ahead with its first', '-', 'a<', 'one-ahead', 'a<'],
    ['the store never committed', '-', 'c<b', 'taken-over', 'c<b'],
  ])('is found when %s', (_what, store, endpoint, decision, position) => {
    const found = reconcileCheckpoints(commit(store), checkpoint(endpoint), false);
    expect([found.decision, found.runtimeCheckpoint?.position]).toEqual([decision, position]);
    expect(reconcileCheckpoints(commit(store), checkpoint(endpoint), true)).toEqual(found);
  });

  it.each<[what: string, store: string, endpoint: string]>([
    ['the endpoint lost its own', 'b<a endpoint', '-'],
    ['the endpoint is one behind', 'b<a endpoint', 'a<'],
    ['the endpoint is two ahead', 'b<a endpoint', 'd<c'],
    ['both committed another first', 'a< endpoint', 'x<'],
    ['both committed another second', 'b<a endpoint', 'c<a'],
  ])('is unknown when %s, until the endpoint was accepted', (_what, store, endpoint) => {
    expect(reconcileCheckpoints(commit(store), checkpoint(endpoint), false).decision).toBe('diverged');
    expect(reconcileCheckpoints(commit(store), checkpoint(endpoint), true)).toEqual({
      decision: endpoint === '-' ? 'began-again' : 'taken-over',
      runtimeCheckpoint: checkpoint(endpoint),
    });
  });

  it('that is unknown is named by both run ids', () => {
    const error = divergedCheckpoints('acme/orders', commit('b<a endpoint'), checkpoint('-'));
    expect(error).toMatchObject({ code: 'CHECKPOINT_DIVERGED' });
    expect(error.message).toMatch(/^acme\/orders: the endpoint's last commit is nothing, the store's is run b,/);
  });
});
