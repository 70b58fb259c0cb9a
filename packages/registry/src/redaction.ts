/**
 * Takes secrets out of texts, for whoever lets out what a trigger kind or a receiver said.
 *
 * @module
 */
export { proxySecrets } from './egress/proxy-secrets.js';
export { Redactor } from './redactor.js';
export { configSecrets, urlSecrets } from './url-secrets.js';
