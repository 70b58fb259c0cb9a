import type { Document } from '@aftercommit/models';
import type { Store } from '@aftercommit/persistence';
import type { Connector } from '@aftercommit/runtime-adapter';

/**
 * A kind of connector under test: how to make an endpoint, and what can be done to it. What is missing is skipped, with
 * a reason.
 */
export interface ConnectorSubject {
  /** That of the connectors which `EndpointUnderTest.connect` makes. */
  readonly runtimeCheckpointOwner: 'store' | 'endpoint';

  /** Whether the endpoint has the third of `conformanceBindings`, which is appended to. Undefined: no. */
  readonly hasDeltaBinding?: boolean;

  /** A fresh endpoint that holds nothing, for the bindings of `conformanceBindings` in their order. */
  create(): Promise<EndpointUnderTest>;

  /** A connector to the same endpoint with the other owner of the runtime checkpoint. Undefined: there is none. */
  connectOther?(endpoint: EndpointUnderTest): Connector;

  /** Loses every staging of the endpoint, and nothing else. For connectors that stage. */
  loseStagings?(endpoint: EndpointUnderTest): Promise<void>;

  /** Opens a store in the endpoint's own database. For connectors that commit what it is to write along with their rows. */
  openStore?(endpoint: EndpointUnderTest): Promise<Store>;

  /** What is so long, in milliseconds, that a call which has not settled by then never will. Undefined: 4000. */
  readonly patienceMs?: number;
}

/** An endpoint, and what a user of it sees. */
export interface EndpointUnderTest {
  /** A connector for one session of one and the same task. Several may be open at a time, as those of zombies are. */
  connect(): Connector;

  /** The documents that a reader of the binding's resource sees at this moment, in any order. */
  rows(binding: number): Promise<Document[]>;

  /** Called last, when every connector is closed. */
  remove(): Promise<void>;
}

/** What a connector under test is bound to. The third is there if the subject says so. */
export const conformanceBindings: ReadonlyArray<{
  /** The collection's name. */
  readonly collection: string;
  /** JSON pointers, in order. */
  readonly key: readonly string[];
  /** Every document is appended. */
  readonly isDelta: boolean;
}> = [
  { collection: 'conformance/plain', key: ['/id'], isDelta: false },
  { collection: 'conformance/compound', key: ['/tenant', '/id'], isDelta: false },
  { collection: 'conformance/appended', key: ['/id'], isDelta: true },
];
