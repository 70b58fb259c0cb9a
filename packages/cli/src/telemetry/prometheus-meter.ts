import type { SessionMeter } from '@aftercommit/observability';
import type {
  Attributes,
  BatchObservableCallback,
  Counter,
  Histogram,
  MetricOptions,
  Observable,
  ObservableGauge,
} from '@opentelemetry/api';
import { Registry, Counter as StoredCounter, Gauge as StoredGauge, Histogram as StoredHistogram } from 'prom-client';

/** As Prometheus writes units into names. */
const unitSuffixes: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/** What a metric is made with. */
type Description = { name: string; help: string; labelNames: string[]; registers: [Registry] };

/**
 * A meter that Prometheus reads, with the names that collectors of OpenTelemetry make of ours. Instead of OpenTelemetry's own SDK,
 * which has several times the size. A metric is on the page once something was recorded: only then its labels are known.
 */
export class PrometheusMeter implements SessionMeter {
  readonly #registry = new Registry();
  readonly #callbacks: BatchObservableCallback[] = [];
  /** By the observable that stands for it. */
  readonly #gauges = new Map<Observable, (attributes?: Attributes) => StoredGauge>();

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics as they are now. */
  async page(): Promise<string> {
    for (const gauge of this.#registry.getMetricsAsArray()) if (gauge instanceof StoredGauge) gauge.reset();
    const observe = (observable: Observable, value: number, attributes?: Attributes): void => {
      this.#gauges.get(observable)?.(attributes).set(labelsOf(attributes), value);
    };
    for (const callback of this.#callbacks) await callback({ observe });
    return await this.#registry.metrics();
  }

  createCounter(name: string, options: MetricOptions = {}): Counter {
    const metric = this.#onFirstUse(name, '_total', options, (about) => new StoredCounter(about));
    return { add: (value, attributes) => metric(attributes).inc(labelsOf(attributes), value) };
  }

  createHistogram(name: string, options: MetricOptions = {}): Histogram {
    const buckets = options.advice?.explicitBucketBoundaries;
    const given = buckets === undefined ? {} : { buckets };
    const metric = this.#onFirstUse(name, '', options, (about) => new StoredHistogram({ ...about, ...given }));
    return { record: (value, attributes) => metric(attributes).observe(labelsOf(attributes), value) };
  }

  createObservableGauge(name: string, options: MetricOptions = {}): ObservableGauge {
    const observable: ObservableGauge = {
      addCallback: (callback) =>
        this.#callbacks.push((result) =>
          callback({ observe: (value, attributes) => result.observe(observable, value, attributes) }),
        ),
      removeCallback: () => undefined,
    };
    this.#gauges.set(
      observable,
      this.#onFirstUse(name, '', options, (about) => new StoredGauge(about)),
    );
    return observable;
  }

  addBatchObservableCallback(callback: BatchObservableCallback): void {
    this.#callbacks.push(callback);
  }

  #onFirstUse<Metric>(
    name: string,
    ending: string,
    { description = name, unit = '' }: MetricOptions,
    make: (about: Description) => Metric,
  ): (attributes?: Attributes) => Metric {
    const full = `${name.replaceAll('.', '_')}${unitSuffixes[unit] ?? ''}${ending}`;
    let made: Metric | undefined;
    return (attributes) => {
      const labelNames = Object.keys(labelsOf(attributes));
      made ??= make({ name: full, help: description, labelNames, registers: [this.#registry] });
      return made;
    };
  }
}

function labelsOf(attributes: Attributes = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name.replaceAll('.', '_'), String(value)]),
  );
}
