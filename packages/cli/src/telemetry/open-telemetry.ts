import { observeWithOpenTelemetry, type Telemetry } from '@aftercommit/observability';
import type { MaterializationOptions, ObserveSession } from '@aftercommit/runtime-adapter';
import type { MetricsAddress } from './metrics-address.js';
import { MetricsServer } from './metrics-server.js';
import { PrometheusMeter } from './prometheus-meter.js';
import type { RunTelemetry } from './run-telemetry.js';

/** As `runTelemetry`, once it is known that somebody listens: this file, and what it stands on, is loaded only then. */
export async function openTelemetry(
  address: MetricsAddress | undefined,
  now: () => number,
  say: (message: string) => void,
): Promise<RunTelemetry> {
  if (address === undefined) {
    const telemetry = observeWithOpenTelemetry({ now });
    return { observed: (options) => observed(options, telemetry), close: async () => undefined };
  }
  const meter = new PrometheusMeter();
  const server = await MetricsServer.listen(address, meter);
  say(`metrics: ${server.url}`);
  const telemetry = observeWithOpenTelemetry({ meter, now });
  return { observed: (options) => observed(options, telemetry), close: () => server.close() };
}

function observed(options: MaterializationOptions, telemetry: Telemetry): MaterializationOptions {
  const { observe } = options;
  const both: ObserveSession = (event, outboxes) => {
    observe?.(event, outboxes);
    telemetry.observe(event, outboxes);
  };
  return { ...options, observe: both, trace: telemetry.trace };
}
