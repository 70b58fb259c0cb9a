import { readFileSync } from 'node:fs';
import { annotated, type KindSchemas } from '@aftercommit/models';
import Type, { type TObject } from 'typebox';
import { ageKeySource } from '../src/age-key-source.js';
import type { DocumentFormat } from '../src/sealed-document.js';
import { ageSealer } from '../src/sealer.js';

export type Vector = {
  name: string;
  format: DocumentFormat;
  rule?: { encrypted_suffix?: string; unencrypted_suffix?: string; mac_only_encrypted?: boolean };
  plain?: string;
  encrypted: string;
  decrypted?: string;
  expect: string;
};

/** Documents that real releases of sops have sealed, and the key that was made for them. */
export const { identity, recipient, vectors }: { identity: string; recipient: string; vectors: Vector[] } = JSON.parse(
  readFileSync(new URL('../vectors/sops.json', import.meta.url), 'utf8'),
);

export const keySources = [ageKeySource(identity)];
export const sealer = ageSealer({ recipients: [recipient], now: () => Date.parse('2026-11-28T12:00:00.789Z') });

export const secretText = annotated(Type.String(), { secret: true });

/** A kind whose headers are secret by value. */
const webhook = Type.Object({
  url: Type.String(),
  method: Type.Optional(Type.Enum(['POST', 'PUT', 'PATCH'], { default: 'POST' })),
  headers: Type.Optional(Type.Record(Type.String(), secretText, { default: {} })),
});

/** A kind with secrets of every form, and with nonsensitive fields of its own, one of them deep. */
const queue = Type.Object({
  address: Type.String(),
  token: Type.Optional(secretText),
  login: Type.Optional(
    Type.Object(
      {
        user: Type.String(),
        password: secretText,
        pin: Type.Optional(annotated(Type.Integer(), { secret: true })),
        hint: Type.Optional(annotated(Type.String(), { nonsensitive: true })),
      },
      { additionalProperties: false },
    ),
  ),
  keys: Type.Optional(Type.Array(secretText)),
  certificate: Type.Optional(
    annotated(Type.Object({ pem: Type.String(), chain: Type.Array(Type.String()), isRoot: Type.Boolean() }), {
      secret: true,
    }),
  ),
  peers: Type.Optional(
    Type.Array(Type.Object({ host: Type.String(), password: secretText }, { additionalProperties: false })),
  ),
  note: Type.Optional(annotated(Type.String(), { nonsensitive: true })),
});

const kinds = new Map<string, TObject>([
  ['webhook', webhook],
  ['queue', queue],
]);

export const schemaOf: KindSchemas = (kind) => kinds.get(kind);

/** Two triggers with every field, and one with as few as possible. */
export const triggers = {
  interval: '30m',
  config: {
    dbt: {
      url: 'https://example.com/dbt?x=1&y=<2>',
      method: 'PUT',
      headers: { Authorization: 'Bearer s3cr3t-dbt', 'X-Käse 😀': 'k\u2028y 😀', 'X-Empty': '' },
      payloadTemplate: '{"run":"{{run_id}}"}',
      timeout: '10s',
      maxAttempts: 5,
      interval: '1h',
      onFailure: 'park',
    },
    plain: { url: 'https://example.com/plain', payloadTemplate: '{"docs":{{docs_total}}}' },
    mq: {
      kind: 'queue',
      address: 'mq.example.com',
      token: 's3cr3t-token',
      login: { user: 'ada', password: 's3cr3t-password', pin: 1234, hint: 'the usual one' },
      keys: ['s3cr3t-key-1', 's3cr3t-key-2'],
      certificate: { pem: 's3cr3t-pem', chain: ['s3cr3t-a', 's3cr3t-b'], isRoot: true },
      peers: [
        { host: 'one', password: 's3cr3t-one' },
        { host: 'two', password: 's3cr3t-two' },
      ],
      note: 'orders',
      payloadTemplate: '{}',
    },
  },
};
