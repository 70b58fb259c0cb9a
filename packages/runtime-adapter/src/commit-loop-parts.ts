import type { Clock, Logger } from '@aftercommit/registry';
import type { ConnectedEndpoint } from './connected-endpoint.js';
import type { Connector } from './connector.js';
import type { Interruption } from './interruption.js';
import type { MaterializationBinding, TransactionLimits } from './materialization-options.js';
import type { SourceInput } from './source-input.js';
import type { TriggerSession } from './trigger-session.js';

/** What a commit loop works with. */
export type CommitLoop = {
  session: TriggerSession;
  connector: Connector;
  endpoint: ConnectedEndpoint;
  input: SourceInput;
  bindings: readonly MaterializationBinding[];
  limits: Required<TransactionLimits>;
  interruption: Interruption;
  clock: Clock;
  logger: Logger;
  materialization: string;
  /** Whether the end waits for intervals, too. */
  drainIntervals: boolean;
};
