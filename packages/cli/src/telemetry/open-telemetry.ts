import { observeWithOpenTelemetry, type Telemetry } from '@aftercommit/observability';
import type { MaterializationOptions, ObserveSession } from '@aftercommit/runtime-adapter';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { MetricsAddress } from './metrics-address.js';
import { MetricsServer } from './metrics-server.js';
import type { RunTelemetry } from './run-telemetry.js';

const inSeconds = ['commit.duration', 'attempt.duration', 'delivery.duration', 'pending.age'];

/** Prometheus wants the unit in the name, and collectors put it there; this exporter does not. */
const prometheusNames = [
  ...inSeconds.map((name) => ({ instrumentName: `aftercommit.${name}`, name: `aftercommit.${name}.seconds` })),
  { instrumentName: 'aftercommit.document.size', name: 'aftercommit.document.size.bytes' },
];

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
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  const provider = new MeterProvider({ readers: [exporter], views: prometheusNames });
  const server = await MetricsServer.listen(address, (request, response) => {
    exporter.getMetricsRequestHandler(request, response);
  });
  say(`metrics: ${server.url}`);
  const telemetry = observeWithOpenTelemetry({ meter: provider.getMeter('aftercommit'), now });
  return {
    observed: (options) => observed(options, telemetry),
    async close() {
      await server.close();
      await provider.shutdown();
    },
  };
}

function observed(options: MaterializationOptions, telemetry: Telemetry): MaterializationOptions {
  const { observe } = options;
  const both: ObserveSession = (event, outboxes) => {
    observe?.(event, outboxes);
    telemetry.observe(event, outboxes);
  };
  return { ...options, observe: both, trace: telemetry.trace };
}
