import type { DecorateMaterialization } from '../run/run-task.js';
import type { MetricsAddress } from './metrics-address.js';

/** Metrics and traces of a run. */
export type RunTelemetry = {
  /** Has a materialization observed. */
  observed: DecorateMaterialization;
  close(): Promise<void>;
};

/** Nobody listens: nothing is loaded, and nothing stands in the way. */
const none: RunTelemetry = { observed: (options) => options, close: async () => undefined };

/** Where the API of OpenTelemetry keeps what an SDK has registered, so that all copies of it find the same. */
const registered = Symbol.for('opentelemetry.js.api.1');

/**
 * The telemetry of a run: metrics are served where that is asked for. An SDK that was loaded before the program
 * (`node --import`) gets the traces, and the metrics unless they are served here.
 *
 * @param metrics Where to serve them. Undefined: nowhere.
 * @param say Told where they are served.
 * @throws UsageError when nothing can be served there.
 */
export async function runTelemetry(
  metrics: MetricsAddress | undefined,
  now: () => number,
  say: (message: string) => void,
): Promise<RunTelemetry> {
  if (metrics === undefined && !(registered in globalThis)) return none;
  const { openTelemetry } = await import('./open-telemetry.js');
  return await openTelemetry(metrics, now, say);
}
