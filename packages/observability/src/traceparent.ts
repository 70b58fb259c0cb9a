import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';

/** A span as W3C Trace Context writes it. Undefined: there is no SDK that would have given it an identity. */
export function traceparentOf(span: SpanContext): string | undefined {
  if (!isSpanContextValid(span)) return undefined;
  const { traceId, spanId, traceFlags } = span;
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
