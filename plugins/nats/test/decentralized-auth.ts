import { createAccount, createOperator, createUser, type KeyPair } from '@nats-io/nkeys';

/** What a server with decentralized authorization (an operator, accounts, users with JWTs) is configured with. */
export type DecentralizedAuth = {
  /** For the configuration file. */
  configuration: string;
  /** The contents of the `.creds` file of a user who may do everything. */
  creds: string;
};

/** Makes an operator, an account that may use JetStream, and a user of it. */
export function decentralizedAuth(): DecentralizedAuth {
  const [operator, system, account, user] = [createOperator(), createAccount(), createAccount(), createUser()];
  const unlimited = {
    mem_storage: -1,
    disk_storage: -1,
    streams: -1,
    consumer: -1,
    subs: -1,
    conn: -1,
    data: -1,
    payload: -1,
  };
  const limits = { ...unlimited, imports: -1, exports: -1, wildcards: true, leaf: -1 };
  const operatorJwt = signedJwt(operator, operator, { type: 'operator' });
  const systemJwt = signedJwt(operator, system, {
    type: 'account',
    limits: { ...limits, mem_storage: 0, disk_storage: 0 },
  });
  const accountJwt = signedJwt(operator, account, { type: 'account', limits });
  const userJwt = signedJwt(account, user, { type: 'user', pub: {}, sub: {}, subs: -1, data: -1, payload: -1 });
  return {
    configuration: [
      `operator: "${operatorJwt}"`,
      'resolver: MEMORY',
      `system_account: ${system.getPublicKey()}`,
      `resolver_preload: { ${system.getPublicKey()}: "${systemJwt}", ${account.getPublicKey()}: "${accountJwt}" }`,
    ].join('\n'),
    creds: [
      '-----BEGIN NATS USER JWT-----',
      userJwt,
      '------END NATS USER JWT------',
      '',
      '************************* IMPORTANT *************************',
      'NKEY Seed printed below can be used to sign and prove identity.',
      '',
      '-----BEGIN USER NKEY SEED-----',
      Buffer.from(user.getSeed()).toString(),
      '------END USER NKEY SEED------',
    ].join('\n'),
  };
}

function signedJwt(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const header = encoded({ typ: 'JWT', alg: 'ed25519-nkey' });
  const named = {
    jti: 'test',
    iat: 1_700_000_000,
    name: 'test',
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
  };
  const claims = encoded({ ...named, nats: { version: 2, ...nats } });
  const signature = Buffer.from(issuer.sign(Buffer.from(`${header}.${claims}`))).toString('base64url');
  return `${header}.${claims}.${signature}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
