export type { NatsConfig } from './nats-config.js';
export { nats } from './nats-kind.js';
