import { isJsonObject } from '@aftercommit/models';
import { type Mutant, testMutants } from '../test/connector-mutant.js';

const opening: Record<string, Mutant> = {
  'says that every binding is new': {
    caughtBy: 'finds a binding with rows not to be new, and one without new',
    differs: (own) => ({ open: async (from) => ({ ...(await own.open(from)), newBindings: new Set([0, 1]) }) }),
  },
  'says that no binding is new': {
    caughtBy: 'finds a fresh endpoint without a runtime checkpoint, and every binding new',
    differs: (own) => ({ open: async (from) => ({ ...(await own.open(from)), newBindings: new Set() }) }),
  },
  'says that a binding is new whose staging is to be applied': {
    owner: 'store',
    caughtBy: 'finds a binding not to be new whose staging is still to be applied',
    differs: (own, endpoint) => ({
      open: async (from) => {
        const opened = await own.open(from);
        return { ...opened, newBindings: new Set([0, 1].filter((binding) => endpoint.rows(binding).length === 0)) };
      },
    }),
  },
  'says that no binding is new that any staging has documents for': {
    owner: 'store',
    caughtBy: 'finds a binding new whose staging the store did not commit',
    differs: (own, endpoint) => ({
      open: async (from) => {
        const opened = await own.open(from);
        const staged = new Set(endpoint.copy().stagings.flatMap(({ rows }) => rows.map(({ binding }) => binding)));
        return { ...opened, newBindings: new Set([...opened.newBindings].filter((binding) => !staged.has(binding))) };
      },
    }),
  },
  'lets a lower epoch open': {
    caughtBy: 'refuses to open with a lower epoch, while the later session is open and after it',
    differs: (own, endpoint) => ({
      open: (from) => {
        endpoint.restore({ ...endpoint.copy(), epoch: 0n });
        return own.open(from);
      },
    }),
  },
  'does not raise the fence': {
    caughtBy: 'fences startCommit of a session that was overtaken right after store',
    differs: (own, endpoint) => ({
      open: async (from) => {
        const { epoch } = endpoint.copy();
        const opened = await own.open(from);
        endpoint.restore({ ...endpoint.copy(), epoch });
        return opened;
      },
    }),
  },
  'keeps its epoch as a double': {
    caughtBy: 'tells epochs apart that a double does not',
    differs: (own) => ({ open: (from) => own.open({ ...from, epoch: BigInt(Number(from.epoch)) }) }),
  },
  'forgets the parent of the runtime checkpoint': {
    owner: 'endpoint',
    caughtBy: 'gives the runtime checkpoint back unchanged, byte for byte: ids, window and position',
    differs: (own) => ({
      open: async (from) => {
        const { runtimeCheckpoint, ...opened } = await own.open(from);
        if (!isJsonObject(runtimeCheckpoint)) return opened;
        return { ...opened, runtimeCheckpoint: { ...runtimeCheckpoint, parentId: null } };
      },
    }),
  },
  'returns a stale runtime checkpoint': {
    owner: 'endpoint',
    caughtBy: 'gives back the runtime checkpoint that was committed last',
    differs: (own, endpoint) => ({
      startCommit: async (runtimeCheckpoint) => {
        const before = endpoint.copy().runtimeCheckpoint;
        const progress = await own.startCommit(runtimeCheckpoint);
        endpoint.restore({ ...endpoint.copy(), runtimeCheckpoint: before ?? JSON.stringify(runtimeCheckpoint) });
        return progress;
      },
    }),
  },
  'returns a runtime checkpoint that is superseded': {
    owner: 'store',
    caughtBy: 'takes over from an endpoint: returns its runtime checkpoint until a staging of its own is committed',
    differs: (own, endpoint) => ({
      acknowledge: async () => {
        const { runtimeCheckpoint } = endpoint.copy();
        const progress = await own.acknowledge();
        endpoint.restore({ ...endpoint.copy(), runtimeCheckpoint });
        return progress;
      },
    }),
  },
  'keeps a runtime checkpoint beside its staging': {
    owner: 'store',
    caughtBy: 'has no runtime checkpoint of its own, neither staged nor applied',
    differs: (own, endpoint) => ({
      startCommit: async (runtimeCheckpoint) => {
        const progress = await own.startCommit(runtimeCheckpoint);
        endpoint.restore({ ...endpoint.copy(), runtimeCheckpoint: JSON.stringify(runtimeCheckpoint) });
        return progress;
      },
      acknowledge: async () => {
        const { runtimeCheckpoint } = endpoint.copy();
        const progress = await own.acknowledge();
        endpoint.restore({ ...endpoint.copy(), runtimeCheckpoint });
        return progress;
      },
    }),
  },
};

testMutants(opening);
