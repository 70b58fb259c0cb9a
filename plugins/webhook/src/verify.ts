/**
 * For receivers of webhooks: whether a request is from who has the key, and each delivery once. Stands on Node alone.
 *
 * @module
 */
export { type DoneDeliveries, OncePerDelivery, RecentDeliveries } from './verify/once-per-delivery.js';
export { isVerificationError, VerificationError, type VerificationErrorCode } from './verify/verification-error.js';
export { type ReceivedWebhook, type VerifiedWebhook, verifyWebhook } from './verify/verify-webhook.js';
export type { WebhookHeaders } from './verify/webhook-headers.js';
