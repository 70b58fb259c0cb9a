import { encode, fromSeed } from '@nats-io/nkeys';
import type { NatsConfig } from './nats-config.js';

/** What CONNECT says of who connects. */
export type Credentials = {
  user?: string;
  pass?: string;
  auth_token?: string;
  jwt?: string;
  nkey?: string;
  /** The server's nonce, signed. */
  sig?: string;
};

type Secrets = Pick<NatsConfig, 'user' | 'password' | 'token' | 'creds' | 'nkeySeed'>;

/** @param nonce What a server has to see signed. Undefined: it asks for no signature. */
export function credentialsOf(config: Secrets, nonce: string | undefined): Credentials {
  if (config.creds !== undefined) {
    const { jwt, seed } = parseCreds(config.creds);
    return { jwt, ...signed(seed, nonce) };
  }
  if (config.nkeySeed !== undefined) return signed(config.nkeySeed, nonce);
  if (config.token !== undefined) return { auth_token: config.token };
  if (config.user === undefined) return {};
  return { user: config.user, pass: config.password ?? '' };
}

/** Whether text is the seed of an NKey. */
export function isSeed(text: string): boolean {
  return passes(() => fromSeed(Buffer.from(text.trim())));
}

/** Whether text is what a `.creds` file holds. */
export function isCreds(text: string): boolean {
  return passes(() => fromSeed(Buffer.from(parseCreds(text).seed)));
}

function signed(seed: string, nonce: string | undefined): Credentials {
  const pair = fromSeed(Buffer.from(seed.trim()));
  const nkey = pair.getPublicKey();
  return nonce === undefined ? { nkey } : { nkey, sig: encode(pair.sign(Buffer.from(nonce))) };
}

function parseCreds(text: string): { jwt: string; seed: string } {
  const [jwt, seed] = [section(text, 'NATS USER JWT'), section(text, 'USER NKEY SEED')];
  if (jwt === undefined || seed === undefined) throw new SyntaxError('no credentials');
  return { jwt, seed };
}

function section(text: string, title: string): string | undefined {
  return new RegExp(`-{3,}BEGIN ${title}-{3,}\\s+(\\S+)\\s+-{3,}END ${title}-{3,}`).exec(text)?.[1];
}

/** What the library throws says which part of a secret it disliked: it goes no further. */
function passes(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
