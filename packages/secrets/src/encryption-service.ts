import { canonicalJson, SchemaLocation, withoutSecrets } from '@aftercommit/models';
import type { TSchema } from 'typebox';
import { checkRule } from './open-config.js';
import { type OrderedObject, toPlain } from './ordered-value.js';
import { readSealedDocument } from './sealed-document.js';
import { trimSecrets } from './sealed-names.js';
import { checkSealedShape } from './sealed-shape.js';
import type { Sealer } from './sealer.js';
import { isSecretsError, SecretsError } from './secrets-error.js';
import { writeDocument } from './write-document.js';

/** Where the service is, and how it is asked. */
export type EncryptionServiceOptions = {
  /** Where it is: `https://secrets.example.com`. Plain http is refused but for this machine, since secrets are sent in clear. */
  url: string;
  /** Headers of each request, such as `authorization`. Undefined: none. */
  headers?: Readonly<Record<string, string>>;
  /** How long it may take to answer, in milliseconds. Undefined: 30 seconds. */
  timeoutMs?: number;
};

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Has a service seal configurations: `POST /v1/encrypt-config` with `{schema, config}`, answered with the sealed configuration.
 * What it answers is checked without a key: every secret is sealed, and everything else is as it was sent.
 *
 * @throws SecretsError `SECRETS_SERVICE_FAILED` when the URL is none, or not protected.
 */
export function encryptionServiceSealer({ url, headers = {}, timeoutMs = 30_000 }: EncryptionServiceOptions): Sealer {
  const endpoint = endpointOf(url);
  return {
    async seal({ schema, config, label }) {
      const body = `{"schema":${JSON.stringify(schema)},"config":${writeDocument(config, 'json')}}`;
      const answer = await post(endpoint, body, headers, timeoutMs);
      return checkedAnswer(answer, schema, config, label);
    },
  };
}

function endpointOf(url: string): URL {
  if (!URL.canParse(url)) throw failed('its URL does not parse');
  const parsed = new URL(url);
  const isProtected =
    parsed.protocol === 'https:' || (parsed.protocol === 'http:' && loopback.includes(parsed.hostname));
  if (!isProtected) throw failed('its URL must begin with https:, because secrets are sent to it');
  return new URL(`${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}/v1/encrypt-config`);
}

async function post(
  endpoint: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<string> {
  const at = endpoint.host;
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
      body,
      // The secrets are for this service alone.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    // A body can quote what was sent: it is not shown (I8).
    const text = await response.text();
    if (response.ok) return text;
    throw failed(`${at} answered with status ${response.status}${adviceFor(response.status)}`);
  } catch (error) {
    if (isSecretsError(error)) throw error;
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    throw failed(isLate ? `${at} did not answer within ${timeoutMs} ms` : `${at} cannot be reached`);
  }
}

function adviceFor(status: number): string {
  if (status === 401 || status === 403) return ': it does not know who is asking. Check its headers';
  if (status >= 500 || status === 429) return ': try again later';
  if (status >= 300 && status < 400) return ': it redirects, and secrets are not sent on. Name the URL it redirects to';
  return ': it refuses the configuration';
}

function checkedAnswer(answer: string, schema: TSchema, config: OrderedObject, label: string): OrderedObject {
  try {
    const sealed = readSealedDocument(answer, 'json', `What the encryption service made of ${label}`);
    checkRule(sealed);
    const location = SchemaLocation.of(schema);
    checkSealedShape(location, sealed.data, sealed.label);
    const open = (document: OrderedObject): string => canonicalJson(withoutSecrets(schema, toPlain(document)));
    if (open(trimSecrets(location, sealed.data)) === open(config)) {
      return new Map([...sealed.data, ['sops', sealed.section]]);
    }
  } catch (error) {
    if (!isSecretsError(error)) throw error;
    throw new SecretsError(
      'SECRETS_SERVICE_ANSWER',
      `The encryption service answered with something else than a sealed configuration. ${error.message}`,
    );
  }
  throw new SecretsError(
    'SECRETS_SERVICE_ANSWER',
    `The encryption service changed something in ${label} that is no secret.`,
  );
}

function failed(problem: string): SecretsError {
  return new SecretsError('SECRETS_SERVICE_FAILED', `The encryption service was not used: ${problem}.`);
}
