import type { ConformanceCase } from './conformance-case.js';
import { batchCases } from './connector-batch-cases.js';
import { type ConnectorAbility, ConnectorBench, type ConnectorCase } from './connector-bench.js';
import { checkpointCases } from './connector-checkpoint-cases.js';
import { closingCases } from './connector-closing-cases.js';
import { divergenceCases } from './connector-divergence-cases.js';
import { documentCases } from './connector-document-cases.js';
import { fenceCases } from './connector-fence-cases.js';
import { handoverCases } from './connector-handover-cases.js';
import { keyCases } from './connector-key-cases.js';
import { loadCases } from './connector-load-cases.js';
import { openCases } from './connector-open-cases.js';
import { stagingCases } from './connector-staging-cases.js';
import type { ConnectorSubject } from './connector-subject.js';
import { visibilityCases } from './connector-visibility-cases.js';

const missing: Record<ConnectorAbility, string> = {
  hasDeltaBinding: 'the subject has no binding that is appended to',
  connectOther: 'the subject has no connector with the other owner of the runtime checkpoint',
  loseStagings: 'the subject cannot lose stagings behind the connector',
  openStore: 'the subject has no store in the database of its endpoint',
};

/**
 * The facts that every connector owes, whatever it talks to. Three lines run them:
 *
 *     for (const { title, run, skip } of connectorConformance(subject)) {
 *       test.skipIf(skip !== undefined)(title, run);
 *     }
 */
export function connectorConformance(subject: ConnectorSubject): ConformanceCase[] {
  return [
    ...openCases,
    ...visibilityCases,
    ...loadCases,
    ...keyCases,
    ...documentCases,
    ...fenceCases,
    ...checkpointCases,
    ...stagingCases,
    ...divergenceCases,
    ...handoverCases,
    ...batchCases,
    ...closingCases,
  ].map((connectorCase) => {
    const skip = reasonToSkip(subject, connectorCase);
    return {
      title: connectorCase.title,
      run: () => runOnBench(subject, connectorCase.run),
      ...(skip !== undefined && { skip }),
    };
  });
}

function reasonToSkip(subject: ConnectorSubject, { owner, needs }: ConnectorCase): string | undefined {
  if (owner !== undefined && owner !== subject.runtimeCheckpointOwner) {
    return `is about connectors whose runtime checkpoint is kept by the ${owner}`;
  }
  return needs === undefined || subject[needs] ? undefined : missing[needs];
}

async function runOnBench(subject: ConnectorSubject, run: ConnectorCase['run']): Promise<void> {
  const endpoint = await subject.create();
  const bench = new ConnectorBench(subject, endpoint);
  try {
    await run(bench);
  } finally {
    await bench.closeAll();
    await endpoint.remove();
  }
}
