import type { Json } from '@aftercommit/models';
import { describe, expect, it } from 'vitest';
import { isRuntimeCheckpoint } from './runtime-checkpoint.js';

const window = {
  materialization_name: 'acme/orders',
  connector_image: '',
  collection_names: ['acme/orders'],
  resource_paths: [['orders']],
  flow_published_at_min: '',
  flow_published_at_max: '',
  run_id: '2024-01-01T00:00:00.000000Z',
  docs_total: 1,
  bytes_total: 1,
};

const sound = { transactionId: 'b', parentId: 'a', runId: window.run_id, window, position: null };

describe('a runtime checkpoint that an endpoint gives back', () => {
  it.each<[string, Json]>([
    ['with a window', sound],
    ['without documents', { ...sound, window: null }],
    ['of a first transaction', { ...sound, parentId: null }],
  ])('is believed %s', (_what, value) => {
    expect(isRuntimeCheckpoint(value)).toBe(true);
  });

  it.each<[string, Json]>([
    ['null', null],
    ['a text', 'b'],
    ['a list', [sound]],
    ['its text', JSON.stringify(sound)],
    ['no transaction', { ...sound, transactionId: 7 }],
    ['no parent', { transactionId: 'b', runId: window.run_id, window, position: 1 }],
    ['a run id that is no time', { ...sound, runId: 'yesterday', window: null }],
    ['a run id without six digits', { ...sound, runId: '2024-01-01T00:00:00Z', window: null }],
    ['a run id that is no day', { ...sound, runId: '2024-13-01T00:00:00.000000Z', window: null }],
    ['no window', { transactionId: 'b', parentId: null, runId: window.run_id, position: 1 }],
    ['half a window', { ...sound, window: { run_id: window.run_id } }],
    ['the window of another transaction', { ...sound, window: { ...window, run_id: '2024-01-01T00:00:01.000000Z' } }],
    ['no position', { transactionId: 'b', parentId: null, runId: window.run_id, window }],
  ])('is refused when it is %s', (_what, value) => {
    expect(isRuntimeCheckpoint(value)).toBe(false);
  });
});
