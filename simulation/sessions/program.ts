import { materialize } from '@aftercommit/runtime-adapter';
import type { Session } from '../checks/session.js';
import type { Manners, StoryPlan } from '../story-plan.js';
import { SimulatedConnector, type TransactionWitness } from '../world/simulated-connector.js';
import { bindings, collections } from '../world/simulated-endpoint.js';
import { type HostParts, SimulatedHost } from '../world/simulated-host.js';
import type { SimulatedProcess } from '../world/simulated-process.js';
import { SimulatedSource } from '../world/simulated-source.js';
import type { World } from '../world/world.js';

/** What a program is run with. */
export type ProgramParts = {
  world: World;
  session: Session;
  manners: Manners;
  host: StoryPlan['host'];
  options: HostParts['options'];
  /** Told of each transaction that the endpoint has and the store not yet. */
  noteTransaction: (process: SimulatedProcess) => void;
};

/** The program of a session: the one that is shipped, or a host with a commit loop of its own. */
export function runProgram(parts: ProgramParts): Promise<unknown> {
  const { world, session, manners, host, options } = parts;
  const { sightings, collection, hostDatabase } = world;
  const { process, store } = session;
  const witness = witnessOf(parts);
  const noteEnding = (): void => {
    session.isEnding = true;
  };
  if (host !== undefined) {
    const database = host === 'elsewhere' ? hostDatabase : undefined;
    sightings.saw(`host: ${host}`);
    return new SimulatedHost({ options, store, process, collection, database, manners, witness, noteEnding }).run();
  }
  sightings.saw(`owner: ${manners.runtimeCheckpointOwner}`);
  return materialize({
    ...options,
    store,
    connector: new SimulatedConnector(world.endpoint, process, manners, witness, noteEnding),
    bindings,
    sources: sourcesOf(parts),
    transactions: { maxDocs: manners.maxDocs, maxDurationMs: 500 },
    drainIntervals: manners.isDraining,
    stop: manners.stop.signal,
  });
}

function witnessOf({ world, session, noteTransaction }: ProgramParts): TransactionWitness {
  const { commits } = world;
  const { process, configuration } = session;
  const configured = configuration.configuration.triggers.map(({ id }) => id);
  return (transactionId, documents, isCommitted) => {
    commits.noteDocuments(transactionId, documents);
    if (isCommitted) commits.noteEndpointCommit(transactionId, configured);
    noteTransaction(process);
  };
}

function sourcesOf({ world, session, manners }: ProgramParts): Map<string, SimulatedSource> {
  const sources = collections.map((name) => {
    const written = world.collection.filter((one) => one.collection === name);
    return [name, new SimulatedSource(written, session.process, manners)] as const;
  });
  return new Map(sources);
}
