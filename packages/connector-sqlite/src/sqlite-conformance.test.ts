import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, parseDocument } from '@aftercommit/models';
import type { Connector } from '@aftercommit/runtime-adapter';
import {
  type ConnectorSubject,
  conformanceBindings,
  connectorConformance,
  type EndpointUnderTest,
} from '@aftercommit/testkit';
import Database from 'better-sqlite3';
import { describe, test } from 'vitest';
import { sqlite } from './sqlite-kind.js';

type Owner = ConnectorSubject['runtimeCheckpointOwner'];

const tables = conformanceBindings.map((_binding, index) => `rows_${index}`);

/** Through the kind, as a program that reads specs makes its connectors. */
class FileUnderTest implements EndpointUnderTest {
  readonly #owner: Owner;
  readonly #folder = mkdtempSync(join(tmpdir(), 'aftercommit-conformance-'));
  readonly file = join(this.#folder, 'endpoint.db');

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  connect(runtimeCheckpointOwner = this.#owner): Connector {
    return sqlite.connect({
      materialization: 'conformance',
      config: { path: 'endpoint.db', runtimeCheckpointOwner },
      bindings: conformanceBindings.map(({ collection, key, isDelta }, index) => ({
        collection,
        key,
        resource: { table: tables[index], delta: isDelta },
      })),
      directory: this.#folder,
      logger: { info: () => {}, warn: () => {} },
    });
  }

  async rows(binding: number): Promise<Document[]> {
    const reader = new Database(this.file, { readonly: true });
    const texts = reader.prepare<[], string>(`SELECT flow_document FROM ${tables[binding]}`).pluck().all();
    reader.close();
    return texts.map((text) => parseDocument(text) as Document);
  }

  async remove(): Promise<void> {
    rmSync(this.#folder, { recursive: true });
  }
}

function subject(owner: Owner): ConnectorSubject {
  return {
    runtimeCheckpointOwner: owner,
    hasDeltaBinding: true,
    create: async () => new FileUnderTest(owner),
    connectOther: (endpoint) => under(endpoint).connect(owner === 'store' ? 'endpoint' : 'store'),
    loseStagings: async (endpoint) => {
      const other = new Database(under(endpoint).file);
      other.exec('DELETE FROM aftercommit_staging; DELETE FROM aftercommit_staged_document');
      other.close();
    },
  };
}

function under(endpoint: EndpointUnderTest): FileUnderTest {
  if (endpoint instanceof FileUnderTest) return endpoint;
  throw new Error('the endpoint is none of this test');
}

for (const owner of ['endpoint', 'store'] as const) {
  describe(`an SQLite endpoint, whose runtime checkpoint is kept by the ${owner}`, () => {
    for (const { title, run, skip } of connectorConformance(subject(owner)))
      test.skipIf(skip !== undefined)(title, run);
  });
}
