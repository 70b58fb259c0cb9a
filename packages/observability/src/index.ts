export { type OpenTelemetryOptions, observeWithOpenTelemetry, type Telemetry } from './observe-with-opentelemetry.js';
