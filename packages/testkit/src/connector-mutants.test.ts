import { isJsonObject } from '@aftercommit/models';
import { ConnectorError, isConnectorError, type OpenConnector } from '@aftercommit/runtime-adapter';
import { describe, test } from 'vitest';
import { applyAgain, different, type Mutant, mapped, testMutants } from '../test/connector-mutant.js';
import { memorySubject } from '../test/memory-subject.js';
import { connectorConformance } from './connector-conformance.js';
import type { MemoryEndpoint } from './memory-endpoint.js';
import { namedStaging } from './memory-endpoint-recovery.js';
import { isNamed, type Staging } from './memory-endpoint-state.js';

const committing: Record<string, Mutant> = {
  'does not fence startCommit': {
    caughtBy: 'fences startCommit of a session that was overtaken right after store',
    differs: (own, endpoint) => ({
      startCommit: (checkpoint) => unfenced(endpoint, () => own.startCommit(checkpoint)),
    }),
  },
  'does not fence a startCommit without documents': {
    caughtBy: 'fences startCommit without documents',
    differs: (own, endpoint) => {
      let count = 0;
      return {
        store: (documents) => own.store(mapped(documents, (stored) => (++count > 0 ? [stored] : []))),
        startCommit: (checkpoint) =>
          count > 0 ? own.startCommit(checkpoint) : unfenced(endpoint, () => own.startCommit(checkpoint)),
      };
    },
  },
  'writes the runtime checkpoint before it looks at the fence': {
    owner: 'endpoint',
    caughtBy: 'fences startCommit of a session whose successor committed, and keeps what that one committed',
    differs: (own, endpoint) => ({
      startCommit: async (checkpoint) => {
        endpoint.restore({ ...endpoint.copy(), runtimeCheckpoint: JSON.stringify(checkpoint) });
        return own.startCommit(checkpoint);
      },
    }),
  },
  'does not commit a transaction without documents': {
    owner: 'endpoint',
    caughtBy: 'gives back the runtime checkpoint that was committed last',
    differs: (own, endpoint) => {
      let count = 0;
      return {
        store: (documents) => own.store(mapped(documents, (stored) => (++count > 0 ? [stored] : []))),
        startCommit: async (checkpoint) => {
          const { runtimeCheckpoint } = endpoint.copy();
          const progress = await own.startCommit(checkpoint);
          if (count === 0) endpoint.restore({ ...endpoint.copy(), runtimeCheckpoint });
          return progress;
        },
      };
    },
  },
  'names no staging in its state': {
    owner: 'store',
    caughtBy: 'names each staging in a state that is JSON',
    differs: (own) => ({ startCommit: async (checkpoint) => ((await own.startCommit(checkpoint)) ? {} : {}) }),
  },
  'names its stagings by transaction alone': {
    owner: 'store',
    caughtBy: 'tells stagings of one transaction id by their epochs',
    differs: (own, endpoint) => ({
      open: (from) => {
        const state = isJsonObject(from.connectorState) ? from.connectorState['staging'] : undefined;
        const named = isJsonObject(state) ? state['transactionId'] : undefined;
        const staging = endpoint.copy().stagings.find(({ transactionId }) => transactionId === named);
        if (staging === undefined) return own.open(from);
        const { transactionId, epoch } = staging;
        return own.open({ ...from, connectorState: { staging: { transactionId, epoch: String(epoch) } } });
      },
    }),
  },
};

const applying: Record<string, Mutant> = {
  'removes a staging that is still needed': {
    owner: 'store',
    caughtBy: 'applies a staging that the state names when a later session acknowledges, not when it opens',
    differs: removesBeforeOpen(() => true),
  },
  'removes a staging of its own epoch': {
    owner: 'store',
    caughtBy: 'removes no staging of its own epoch',
    differs: removesBeforeOpen((staging, { epoch }) => staging.epoch === epoch),
  },
  'removes stagings before it looks at the fence': {
    owner: 'store',
    caughtBy: 'removes nothing when it refuses to open',
    differs: removesBeforeOpen((staging, { epoch }) => staging.epoch > epoch),
  },
  'removes what the state does not name when it opens': {
    owner: 'store',
    caughtBy: 'removes nothing with an open that is given up: the right state put back still finds its staging',
    differs: removesBeforeOpen(
      (staging, { epoch, connectorState }) => staging.epoch < epoch && !isNamed(staging, namedStaging(connectorState)),
    ),
  },
  'removes what a successor staged': {
    owner: 'store',
    caughtBy: 'keeps what its successor staged when an overtaken session acknowledges',
    differs: (own, endpoint) => {
      let opened = 0n;
      return {
        open: (from) => {
          opened = from.epoch;
          return own.open(from);
        },
        acknowledge: async () => {
          const { epoch, stagings } = endpoint.copy();
          if (epoch === opened) return own.acknowledge();
          endpoint.restore({ ...endpoint.copy(), stagings: stagings.filter((staging) => staging.epoch === opened) });
          return {};
        },
      };
    },
  },
  'removes its staging when it closes': {
    owner: 'store',
    caughtBy: 'keeps a staging when its session closes',
    differs: (own, endpoint) => ({
      close: async () => {
        await own.close();
        endpoint.restore({ ...endpoint.copy(), stagings: [] });
      },
    }),
  },
  'keeps a staging that nobody committed': {
    owner: 'store',
    caughtBy: 'removes a staging that the store did not commit, and goes on without it',
    differs: (own, endpoint) => ({
      acknowledge: async () => {
        const { stagings } = endpoint.copy();
        const progress = await own.acknowledge();
        const { appliedTransactionId } = endpoint.copy();
        const kept = stagings.filter(({ transactionId }) => transactionId !== appliedTransactionId);
        endpoint.restore({ ...endpoint.copy(), stagings: kept });
        return progress;
      },
    }),
  },
  'applies when it opens': {
    owner: 'store',
    caughtBy: 'applies a staging that the state names when a later session acknowledges, not when it opens',
    differs: (own) => ({
      open: async (from) => {
        const opened = await own.open(from);
        if (opened.divergence === undefined) await own.acknowledge();
        return opened;
      },
    }),
  },
  'applies again with each acknowledge': {
    owner: 'store',
    caughtBy: 'applies each staging once, however often it is acknowledged',
    differs: (own, endpoint) => {
      let applied: readonly Staging[] = [];
      return {
        acknowledge: async () => {
          const { stagings } = endpoint.copy();
          if (stagings.length > 0) applied = stagings;
          else for (const staging of applied) endpoint.restore(applyAgain(endpoint.copy(), staging));
          return own.acknowledge();
        },
      };
    },
  },
  'applies again after it opened': {
    owner: 'store',
    caughtBy: 'applies each staging once, however often it is acknowledged',
    differs: (own, endpoint) => ({
      acknowledge: async () => {
        const { stagings } = endpoint.copy();
        const progress = await own.acknowledge();
        endpoint.restore({ ...endpoint.copy(), stagings });
        return progress;
      },
    }),
  },
  'throws the divergence': {
    owner: 'store',
    caughtBy: 'finds rows that were applied and that no state knows of: CHECKPOINT_DIVERGED',
    differs: (own) => ({
      open: async (from) => {
        const opened = await own.open(from);
        if (opened.divergence !== undefined) throw opened.divergence;
        return opened;
      },
    }),
  },
  'finds no divergence': {
    owner: 'store',
    caughtBy: 'finds an earlier state than what was applied: ENDPOINT_LOST_STAGING',
    differs: (own) => ({
      open: async (from) => {
        const { runtimeCheckpoint, newBindings } = await own.open(from);
        return { newBindings, ...(runtimeCheckpoint !== undefined && { runtimeCheckpoint }) };
      },
    }),
  },
  'takes a lost staging for an applied one': {
    owner: 'store',
    caughtBy: 'fails to acknowledge when its staging is lost under the session',
    differs: (own) => ({
      acknowledge: () =>
        own.acknowledge().catch((error: unknown) => {
          if (isConnectorError(error) && error.code === 'ENDPOINT_LOST_STAGING') return {};
          throw error;
        }),
    }),
  },
  'keeps the state of an accepted divergence': {
    owner: 'store',
    caughtBy: 'finds no divergence any more when the acceptance is all that the store wrote',
    differs: (own) => ({ acknowledge: async () => ((await own.acknowledge()) ? {} : {}) }),
  },
  'keeps the mark of an accepted divergence': {
    owner: 'store',
    caughtBy: 'finds no divergence any more when the acceptance is all that the store wrote',
    differs: (own, endpoint) => ({
      acknowledge: async () => {
        const { appliedTransactionId: before } = endpoint.copy();
        const progress = await own.acknowledge();
        const { appliedTransactionId } = endpoint.copy();
        endpoint.restore({ ...endpoint.copy(), appliedTransactionId: appliedTransactionId ?? before });
        return progress;
      },
    }),
  },
  'forgets what another owner left to be applied': {
    owner: 'endpoint',
    caughtBy: 'takes over from a store: applies what it committed, and forgets a runtime checkpoint from before',
    differs: (own) => ({
      open: ({ epoch, runtimeCheckpoint }) =>
        own.open({ epoch, ...(runtimeCheckpoint !== undefined && { runtimeCheckpoint }) }),
    }),
  },
  'fails when it is closed twice': {
    caughtBy: 'closes twice, at any moment of a transaction',
    differs: (own) => {
      let isClosed = false;
      return {
        close: async () => {
          if (isClosed) throw new ConnectorError('ENDPOINT_UNAVAILABLE', 'closed already');
          isClosed = true;
          await own.close();
        },
      };
    },
  },
};

for (const owner of ['store', 'endpoint'] as const) {
  test(`a wrapped connector that does nothing differently (${owner}) passes every case`, async () => {
    for (const { run, skip } of connectorConformance(memorySubject(owner, (own) => different(own, {})))) {
      if (skip === undefined) await run();
    }
  });
}

describe('committing', () => testMutants(committing));
describe('applying', () => testMutants(applying));

function removesBeforeOpen(isRemoved: (staging: Staging, from: OpenConnector) => boolean): Mutant['differs'] {
  return (own, endpoint) => ({
    open: (from) => {
      const stagings = endpoint.copy().stagings.filter((staging) => !isRemoved(staging, from));
      endpoint.restore({ ...endpoint.copy(), stagings });
      return own.open(from);
    },
  });
}

async function unfenced<Result>(endpoint: MemoryEndpoint, work: () => Promise<Result>): Promise<Result> {
  const { epoch } = endpoint.copy();
  endpoint.restore({ ...endpoint.copy(), epoch: 0n });
  const result = await work();
  endpoint.restore({ ...endpoint.copy(), epoch });
  return result;
}
