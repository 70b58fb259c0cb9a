import type { Json } from '@aftercommit/models';

/** What a person asks of an outbox, as a message to whoever has the task open (`Store.request`). */
export type OutboxRequest =
  | {
      /** `replay`: attempts parked deliveries again. `drop`: forgets them, which is the only way in which anything is. */
      request: 'replay' | 'drop';
      /** The outbox's name: its trigger's. */
      outbox: string;
      /** Idempotency keys of what is parked; `all`: whatever is parked when the request is met. */
      keys: string[] | 'all';
    }
  /** Forgets an outbox that has no trigger any more, and everything in it. */
  | {
      request: 'drop-outbox';
      /** The outbox's name. */
      outbox: string;
    };

/** The request in a message; undefined when it is none that this version understands. */
export function readOutboxRequest(message: Json): OutboxRequest | undefined {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return undefined;
  const { request, outbox, keys } = message;
  if (typeof outbox !== 'string') return undefined;
  if (request === 'drop-outbox') return { request, outbox };
  if (request !== 'replay' && request !== 'drop') return undefined;
  if (keys === 'all') return { request, outbox, keys };
  if (!Array.isArray(keys)) return undefined;
  const texts = keys.filter((key) => typeof key === 'string');
  return texts.length === keys.length && texts.length > 0 ? { request, outbox, keys: texts } : undefined;
}
