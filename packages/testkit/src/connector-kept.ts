import { type Json, mergePatch } from '@aftercommit/models';
import type { ConnectorProgress, RuntimeCheckpointValue } from '@aftercommit/runtime-adapter';

/** What the store holds of a task. */
export type Kept = { readonly runtimeCheckpoint?: RuntimeCheckpointValue; readonly connectorState?: Json };

/** What is kept once the answer is durable. */
export function withProgress(kept: Kept, { connectorState }: ConnectorProgress): Kept {
  if (connectorState === undefined) return kept;
  const { updated, mergePatch: isPatch } = connectorState;
  const state = isPatch ? mergePatch(kept.connectorState, updated) : updated;
  // What a store gives back is a copy.
  return { ...kept, connectorState: JSON.parse(JSON.stringify(state)) as Json };
}
