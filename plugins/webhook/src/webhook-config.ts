import { annotated } from '@aftercommit/registry';
import Type, { type Static } from 'typebox';
import { tlsSchema } from './http/tls-config.js';

export const webhookConfigSchema = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        title: 'URL',
        description: 'Where the payload is sent: http or https, without user and password.',
      }),
    ),
    secretUrl: Type.Optional(
      annotated(
        Type.String({
          title: 'Secret URL',
          description:
            'Where the payload is sent, instead of url, if path or query are a credential. Only its host is shown.',
        }),
        { secret: true },
      ),
    ),
    method: Type.Optional(
      Type.Enum(['POST', 'PUT', 'PATCH'], {
        title: 'Method',
        description: 'The HTTP method of the request.',
        default: 'POST',
      }),
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), annotated(Type.String({ title: 'Value' }), { secret: true }), {
        title: 'Headers',
        description: 'Headers of the request, such as Authorization. Their values are secret, their names are not.',
        default: {},
      }),
    ),
    signingKeys: Type.Optional(
      // Secret as a whole: that there is one more during a rotation changes nothing that is protected.
      annotated(
        Type.Array(Type.String({ title: 'Key', description: 'whsec_… or whsk_….' }), {
          title: 'Signing keys',
          description: 'Keys with which each request is signed as Standard Webhooks say. Several during a rotation.',
        }),
        { secret: true },
      ),
    ),
    tls: Type.Optional(tlsSchema),
  },
  {
    title: 'Webhook',
    description: 'Sends the payload as an HTTP request.',
    additionalProperties: false,
    oneOf: [{ required: ['url'] }, { required: ['secretUrl'] }],
  },
);

/**
 * What a configuration says of a webhook, beside the fields of every trigger.
 *
 * @interface
 */
export type WebhookConfig = Static<typeof webhookConfigSchema>;
