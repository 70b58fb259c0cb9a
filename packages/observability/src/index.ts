export { type OpenTelemetryOptions, observeWithOpenTelemetry, type Telemetry } from './observe-with-opentelemetry.js';
export type { SessionMeter } from './session-instruments.js';
