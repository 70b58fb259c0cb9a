export type { WebhookConfig } from './webhook-config.js';
export { webhook } from './webhook-kind.js';
