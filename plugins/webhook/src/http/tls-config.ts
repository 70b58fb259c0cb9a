import type { RequestOptions } from 'node:https';
import { annotated } from '@aftercommit/registry';
import Type, { type Static } from 'typebox';

export const tlsSchema = Type.Object(
  {
    ca: Type.Optional(
      Type.String({
        title: 'Certificate authorities',
        description: 'Certificates in PEM that the receiver has to be vouched for by, instead of the usual ones.',
      }),
    ),
    certificate: Type.Optional(
      Type.String({
        title: 'Client certificate',
        description:
          'What we show a receiver that asks for a certificate: in PEM, with those that lead to its authority.',
      }),
    ),
    key: Type.Optional(
      annotated(
        Type.String({ title: 'Client key', description: 'The private key of the client certificate, in PEM.' }),
        { secret: true },
      ),
    ),
    minVersion: Type.Optional(
      Type.Enum(['TLSv1.2', 'TLSv1.3'], {
        title: 'Lowest version',
        description: 'The lowest version of TLS that is spoken.',
        default: 'TLSv1.2',
      }),
    ),
  },
  {
    title: 'TLS',
    description: 'What is particular about TLS with the receiver. Its certificate is always verified.',
    additionalProperties: false,
    // Also where the key is sealed, and so not there to be looked at.
    dependentRequired: { certificate: ['key'], key: ['certificate'] },
  },
);

/**
 * What is particular about TLS with a receiver.
 *
 * @interface
 */
export type TlsConfig = Static<typeof tlsSchema>;

/** For a request. Verification and the lowest version are set whatever the environment says. */
export function tlsOptions({ ca, certificate, key, minVersion = 'TLSv1.2' }: TlsConfig = {}): RequestOptions {
  return {
    rejectUnauthorized: true,
    minVersion,
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
  };
}
