import { type Document, type DocumentValue, mergePatch, printDocument } from '@aftercommit/models';
import type { BindingKey, Connector, StoreDocument } from '@aftercommit/runtime-adapter';
import {
  applyAgain,
  asynchronous,
  found,
  type Mutant,
  mapped,
  testMutants,
  untilError,
} from '../test/connector-mutant.js';
import type { MemoryEndpoint } from './memory-endpoint.js';

const storing: Record<string, Mutant> = {
  'shows rows before the commit': {
    caughtBy: 'has nothing of a transaction that never came to startCommit, when its session is closed',
    differs: (own, endpoint) => ({
      store: (documents) =>
        own.store(
          mapped(documents, (stored) => {
            show(endpoint, [stored]);
            return [stored];
          }),
        ),
    }),
  },
  'shows rows with startCommit, before the store committed': {
    owner: 'store',
    caughtBy: 'shows rows with the acknowledge that follows startCommit, and none before',
    differs: (own, endpoint) => {
      const collected: StoreDocument[] = [];
      return {
        store: (documents) =>
          own.store(mapped(documents, (stored) => [collected[collected.push(stored) - 1] ?? stored])),
        startCommit: async (runtimeCheckpoint) => {
          show(endpoint, collected);
          return own.startCommit(runtimeCheckpoint);
        },
      };
    },
  },
  'loses the rows of a binding': {
    caughtBy: 'commits one transaction after the other in a session',
    differs: changesStored((stored) => (stored.binding === 1 ? [] : [stored])),
  },
  'merges an update into the row': {
    caughtBy: 'replaces whole documents, fields that are gone included',
    differs: (own, endpoint) =>
      changesStored((stored) => {
        const [before] = found(endpoint, stored);
        return [{ ...stored, document: mergePatch(before?.document, stored.document) as Document }];
      })(own),
  },
  'rounds large integers': {
    caughtBy: 'keeps integers that a double cannot hold',
    differs: changesStored((stored) => [{ ...stored, document: rounded(stored.document) as Document }]),
  },
  'rounds large integers in keys': {
    caughtBy: 'keeps keys apart: integers that a double cannot hold',
    differs: changesKeys((part) => (typeof part === 'bigint' ? Number(part) : part)),
  },
  'takes keys for one that differ in letter case': {
    caughtBy: 'keeps keys apart: texts that differ in letter case, spaces and accents',
    differs: changesKeys((part) => (typeof part === 'string' ? part.toLowerCase() : part)),
  },
  'ends texts at a NUL': {
    caughtBy: 'keeps keys apart: texts with quotes, NUL and patterns',
    differs: changesKeys((part) => (typeof part === 'string' ? (part.split('\u0000')[0] ?? part) : part)),
  },
  'joins the parts of a key': {
    caughtBy: 'keeps keys of several parts apart that would be one when joined',
    differs: changesWholeKeys((key) => (key.length === 1 ? key : [key.join(''), ''])),
  },
  'sorts the parts of a key': {
    caughtBy: 'takes the parts of a key in the order of the collection',
    differs: changesWholeKeys((key) => [...key].sort((left, right) => (left < right ? -1 : 1))),
  },
  'loses a field called __proto__': {
    caughtBy: 'keeps field names that objects are born with',
    differs: changesStored((stored) => {
      const document: Document = {};
      for (const [field, value] of Object.entries(stored.document)) document[field] = value;
      return [{ ...stored, document }];
    }),
  },
  'overwrites documents of a delta binding': {
    caughtBy: 'appends every document of a delta binding, also of one key, in one transaction and the next',
    differs: (own) => ({
      store: async (documents) => {
        const last = new Map<string, StoreDocument>();
        for await (const stored of documents) last.set(printDocument([stored.binding, ...stored.key]), stored);
        await own.store(mapped(asynchronous([...last.values()]), (stored) => [stored]));
      },
    }),
  },
  'takes documents that broke off for their end': {
    caughtBy: 'fails with the documents, and has none of them',
    differs: (own) => ({ store: (documents) => own.store(untilError(documents)) }),
  },
};

testMutants(storing);

function changesStored(change: (stored: StoreDocument) => StoreDocument[]): (own: Connector) => Partial<Connector> {
  return (own) => ({ store: (documents) => own.store(mapped(documents, change)) });
}

/** Of documents whose keys become equal, the last one counts; those of the delta binding are left alone. */
function changesWholeKeys(
  change: (key: BindingKey['key']) => BindingKey['key'],
): (own: Connector) => Partial<Connector> {
  return (own) => ({
    load: (keys) => own.load(mapped(keys, (asked) => [{ ...asked, key: change(asked.key) }])),
    store: async (documents) => {
      const last = new Map<string, StoreDocument>();
      for await (const stored of documents) {
        if (stored.binding === 2) last.set(String(last.size), stored);
        else last.set(printDocument([stored.binding, ...change(stored.key)]), { ...stored, key: change(stored.key) });
      }
      await own.store(asynchronous([...last.values()]));
    },
  });
}

function changesKeys(change: (part: BindingKey['key'][number]) => BindingKey['key'][number]) {
  return changesWholeKeys((key) => key.map(change));
}

/** Puts documents into the tables behind everything. */
function show(endpoint: MemoryEndpoint, documents: readonly StoreDocument[]): void {
  const { tables } = applyAgain(endpoint.copy(), {
    transactionId: 'shown',
    epoch: endpoint.copy().epoch,
    rows: documents.map(({ binding, key, document }) => ({
      binding,
      key: printDocument([...key]),
      document: printDocument(document),
    })),
  });
  endpoint.restore({ ...endpoint.copy(), tables });
}

function rounded(value: DocumentValue): DocumentValue {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, rounded(inner)]));
}
