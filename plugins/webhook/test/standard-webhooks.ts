import { readFileSync } from 'node:fs';

type SignVector = {
  scheme: 'v1' | 'v1a';
  secret: string;
  publicKey?: string;
  id: string;
  timestamp: number;
  body: string;
  signature: string;
};

/** What is signed how, and keys that are none. */
export const standardWebhooks: { sign: SignVector[]; badSecrets: string[] } = JSON.parse(
  readFileSync(new URL('./vectors/standard-webhooks.json', import.meta.url), 'utf8'),
);

const [v1, v1a] = standardWebhooks.sign;
if (v1 === undefined || v1a?.publicKey === undefined) throw new Error('the vectors are incomplete');

export const symmetricKey = v1.secret;
export const privateKey = v1a.secret;
export const publicKey = v1a.publicKey;
export const symmetricVector = v1;
export const asymmetricVector = v1a;
