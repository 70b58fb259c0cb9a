import type { AttemptBeginning, TraceAttempt } from '@aftercommit/delivery';
import type { SessionEvent } from '@aftercommit/runtime-adapter';
import {
  type Attributes,
  type Context,
  context,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { attribute, errorType } from './attributes.js';
import type { RecentCommits } from './recent-commits.js';
import { traceparentOf } from './traceparent.js';

/** A delivery that was attempted in this session. A lane has one at a time. */
type TracedDelivery = {
  idempotencyKey: string;
  span: Span;
  /** In it lie the attempts. */
  context: Context;
  /** The one that is under way, until its outcome is told. */
  attempt: Span | undefined;
};

type Committed = Extract<SessionEvent, { event: 'committed' }>;
type Attempted = Extract<SessionEvent, { event: 'attempt' }>;

/**
 * The spans of sessions: one for each transaction, with its commit in it, and one for each delivery, with its attempts in it and a
 * link to the transaction. They lie in whatever span the host opened the session in, or announced the moment in.
 */
export class SessionTraces {
  readonly #tracer: Tracer;
  readonly #commits: RecentCommits;
  /** By materialization and trigger. */
  readonly #deliveries = new Map<string, Map<string, TracedDelivery>>();

  constructor(tracer: Tracer, commits: RecentCommits) {
    this.#tracer = tracer;
    this.#commits = commits;
  }

  /** The span of a transaction, which began at its run id and has ended now. */
  committed({ materialization, runId, docs, bytes, at, commitMs }: Committed): SpanContext {
    const endedAt = Date.parse(at);
    const stagedAt = endedAt - commitMs;
    const attributes = { [attribute.materialization]: materialization, [attribute.runId]: runId };
    // Where the clock stepped back, the run id is ahead of it.
    const startTime = Math.min(Date.parse(runId), stagedAt);
    const span = this.#tracer.startSpan(`transaction ${materialization}`, {
      startTime,
      attributes: { ...attributes, [attribute.docs]: docs, [attribute.bytes]: bytes },
    });
    const inSpan = trace.setSpan(context.active(), span);
    this.#tracer.startSpan(`commit ${materialization}`, { startTime: stagedAt, attributes }, inSpan).end(endedAt);
    span.end(endedAt);
    return span.spanContext();
  }

  observe(event: Exclude<SessionEvent, Committed>): void {
    switch (event.event) {
      case 'attempt':
        this.#attempted(event);
        return;
      case 'delivered':
      case 'parked':
        this.#end(event.materialization, event.trigger, event.event);
        return;
      case 'failed':
        this.#failed(event.materialization, event.code);
        return;
      case 'ended':
        for (const trigger of this.#of(event.materialization).keys()) this.#end(event.materialization, trigger, 'left');
        this.#deliveries.delete(event.materialization);
        return;
      case 'opened':
      case 'waiting':
        return;
    }
  }

  /** Makes an attempt in a span of its own, which is active in it: spans of clients are its children. */
  readonly attempt: TraceAttempt = (about, make) => {
    const delivery = this.#deliveryOf(about);
    const attributes = { ...attributesOf(about), [attribute.attempt]: about.attempt, [attribute.epoch]: about.epoch };
    const options = { kind: SpanKind.CLIENT, attributes };
    const span = this.#tracer.startSpan(`attempt ${about.trigger}`, options, delivery.context);
    delivery.attempt = span;
    return context.with(trace.setSpan(delivery.context, span), () => make(traceparentOf(span.spanContext())));
  };

  #deliveryOf(about: AttemptBeginning): TracedDelivery {
    const { materialization, trigger, idempotencyKey, runId } = about;
    const deliveries = this.#of(materialization);
    const known = deliveries.get(trigger);
    if (known?.idempotencyKey === idempotencyKey) return known;
    const transaction = this.#commits.spanOf(materialization, runId);
    const links = transaction === undefined ? [] : [{ context: transaction }];
    const span = this.#tracer.startSpan(`deliver ${trigger}`, { attributes: attributesOf(about), links });
    const delivery = { idempotencyKey, span, context: trace.setSpan(context.active(), span), attempt: undefined };
    deliveries.set(trigger, delivery);
    return delivery;
  }

  #attempted({ materialization, trigger, outcome, reason, nextAttemptInMs }: Attempted): void {
    const delivery = this.#of(materialization).get(trigger);
    if (delivery === undefined) return;
    const { span, attempt } = delivery;
    attempt?.setAttribute(attribute.outcome, outcome);
    if (reason !== undefined) {
      // I8: the core has scrubbed it.
      const status = { code: SpanStatusCode.ERROR, message: reason };
      attempt?.setStatus(status);
      if (nextAttemptInMs === undefined) span.setStatus(status);
    }
    attempt?.end();
    delivery.attempt = undefined;
  }

  #end(materialization: string, trigger: string, outcome: 'delivered' | 'parked' | 'left'): void {
    const deliveries = this.#of(materialization);
    const delivery = deliveries.get(trigger);
    deliveries.delete(trigger);
    // An attempt without an outcome was given up: the session is lost.
    delivery?.attempt?.end();
    delivery?.span.setAttribute(attribute.outcome, outcome).end();
  }

  #failed(materialization: string, code: string): void {
    for (const { span } of this.#of(materialization).values()) span.setAttribute(attribute.errorType, errorType(code));
  }

  #of(materialization: string): Map<string, TracedDelivery> {
    const known = this.#deliveries.get(materialization) ?? new Map<string, TracedDelivery>();
    this.#deliveries.set(materialization, known);
    return known;
  }
}

function attributesOf(about: AttemptBeginning): Attributes {
  return {
    [attribute.materialization]: about.materialization,
    [attribute.trigger]: about.trigger,
    [attribute.kind]: about.kind,
    [attribute.target]: about.target,
    [attribute.runId]: about.runId,
    [attribute.idempotencyKey]: about.idempotencyKey,
  };
}
