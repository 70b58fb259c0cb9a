import { createHmac } from 'node:crypto';

export function hmacSha256(secret: Uint8Array, content: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(content).digest();
}
