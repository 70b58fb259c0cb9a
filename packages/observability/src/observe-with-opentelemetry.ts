import type { TraceAttempt } from '@aftercommit/delivery';
import type { ObserveSession } from '@aftercommit/runtime-adapter';
import { metrics, type Tracer, trace as traces } from '@opentelemetry/api';
import { RecentCommits } from './recent-commits.js';
import type { SessionMeter } from './session-instruments.js';
import { SessionMetrics } from './session-metrics.js';
import { SessionTraces } from './session-traces.js';
import { version } from './version.js';

/** Where metrics and traces go. */
export type OpenTelemetryOptions = {
  /** Default: of the tracer provider that is registered, also of one that is registered later. */
  tracer?: Tracer;
  /** Default: of the meter provider that is registered now. One that is registered later is not found by OpenTelemetry. */
  meter?: SessionMeter;
  /** Milliseconds since the Unix epoch, by the clock of the sessions. Default: `Date.now`. */
  now?: () => number;
};

/** What sessions are given: `TriggerSession.open({ …, ...telemetry })`, and `materialize` alike. */
export type Telemetry = {
  /** Measures what happens, and ends the spans. */
  observe: ObserveSession;
  /** Makes each attempt within a span of its own, whose `traceparent` receivers are given. */
  trace: TraceAttempt;
};

const name = '@aftercommit/observability';

/**
 * Metrics and traces of sessions, by OpenTelemetry. One for all sessions of a process: a materialization is told from another by
 * its name. It contacts nobody, and without an SDK nothing is recorded.
 */
export function observeWithOpenTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  const { tracer = traces.getTracer(name, version), meter = metrics.getMeter(name, version), now = Date.now } = options;
  const commits = new RecentCommits();
  const sessionTraces = new SessionTraces(tracer, commits);
  const sessionMetrics = new SessionMetrics(meter, commits, now);
  return {
    observe(event, outboxes) {
      if (event.event === 'committed') commits.add(event, sessionTraces.committed(event));
      else sessionTraces.observe(event);
      sessionMetrics.observe(event, outboxes);
      // Once for each transaction: tasks are many, and outboxes can be.
      if (event.event === 'committed' || event.event === 'ended') commits.trim(event.materialization, outboxes());
    },
    trace: sessionTraces.attempt,
  };
}
