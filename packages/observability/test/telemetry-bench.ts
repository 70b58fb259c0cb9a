import type { Attributes, Tracer } from '@opentelemetry/api';
import { type DataPoint, DataPointType, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { SessionBench } from '../../runtime-adapter/test/session-bench.js';
import { observeWithOpenTelemetry, type Telemetry } from '../src/index.js';

/** What one data point says: of a histogram how many values there were, and their sum. */
type PointValue = number | { count: number; sum: number | undefined };

/** A bench of sessions, and OpenTelemetry's SDK, which keeps in memory what they tell it. */
export class TelemetryBench {
  readonly bench = new SessionBench();
  /** For a session. */
  readonly given: Telemetry;
  readonly tracer: Tracer;
  readonly #spans = new InMemorySpanExporter();
  readonly #reader = new OnDemandReader();

  constructor() {
    const meters = new MeterProvider({ readers: [this.#reader] });
    const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#spans)] });
    this.tracer = tracers.getTracer('test');
    const now = (): number => this.bench.clock.now();
    this.given = observeWithOpenTelemetry({ meter: meters.getMeter('test'), tracer: this.tracer, now });
  }

  /** Those that have ended, in the order in which they did. */
  get spans(): ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }

  /** The first of that name. */
  readonly spanOf = (name: string): ReadableSpan => {
    const found = this.spans.find((span) => span.name === name);
    if (found === undefined) throw new Error(`no span ${name} has ended`);
    return found;
  };

  /** The data points of a metric as they are now. */
  readonly points = async (name: string): Promise<Array<[Attributes, PointValue]>> => {
    const { resourceMetrics } = await this.#reader.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const found = metrics.find(({ descriptor }) => descriptor.name === name);
    if (found === undefined) return [];
    if (found.dataPointType === DataPointType.HISTOGRAM) return found.dataPoints.map(histogramPoint);
    return (found.dataPoints as Array<DataPoint<number>>).map(({ attributes, value }) => [attributes, value]);
  };

  /** All that was recorded, as text. */
  async everything(): Promise<string> {
    const { resourceMetrics } = await this.#reader.collect();
    const spans = this.spans.map(({ name, attributes, status, events }) => ({ name, attributes, status, events }));
    return JSON.stringify([resourceMetrics.scopeMetrics, spans]);
  }
}

class OnDemandReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

function histogramPoint({ attributes, value }: DataPoint<Histogram>): [Attributes, PointValue] {
  return [attributes, { count: value.count, sum: value.sum }];
}
