import { type Attempt, egressGuard, type TriggerEnvironment, type Window } from '@aftercommit/registry';
import { ManualClock } from './manual-clock.js';
import { seededRandom } from './seeded-random.js';

const sampleWindow: Window = {
  materialization_name: 'acme/orders',
  connector_image: '',
  collection_names: ['acme/orders'],
  resource_paths: [['orders']],
  flow_published_at_min: '2024-06-15T12:29:58Z',
  flow_published_at_max: '2024-06-15T12:29:59Z',
  run_id: '2024-06-15T12:30:00.000000Z',
  docs_total: 3,
  bytes_total: 120,
};

/** An attempt with everything in it, for tests that drive a kind by its contract. Give what matters to the test. */
export function sampleAttempt(given: Partial<Attempt> = {}): Attempt {
  return {
    idempotencyKey: 'msg_00000000000000000000000000000001',
    number: 1,
    payload: '{"run":"2024-06-15T12:30:00.000000Z"}',
    variables: structuredClone(sampleWindow),
    epoch: 1n,
    signal: new AbortController().signal,
    deadlineAt: Number.MAX_SAFE_INTEGER,
    ...given,
  };
}

/** An environment that leaves nothing to chance: a clock that stands still, seeded randomness, a silent logger. */
export function sampleEnvironment(given: Partial<TriggerEnvironment> = {}): TriggerEnvironment {
  return {
    clock: new ManualClock(),
    random: seededRandom(1),
    egress: egressGuard(),
    logger: { info() {}, warn() {} },
    ...given,
  };
}
