import { signedContent } from './signed-content.js';
import { readSigningKey, type SigningKey } from './signing-key.js';

/** Signs requests with every key of a configuration: during a rotation receivers know the old one or the new one. */
export class Signer {
  readonly #keys: readonly SigningKey[];

  /** @throws Error for a key that `readSigningKey` has a problem with, without quoting it. */
  constructor(keys: readonly string[]) {
    this.#keys = keys.map((text, index) => {
      const read = readSigningKey(text);
      if (read.problem !== undefined) throw new Error(`Key ${index + 1} of signingKeys ${read.problem}`);
      return read.key;
    });
  }

  /** The value of `webhook-signature`: one signature for each key, in their order. */
  signatures(id: string, timestamp: string, body: Uint8Array): string {
    const content = signedContent(id, timestamp, body);
    return this.#keys.map((key) => key(content)).join(' ');
  }
}
