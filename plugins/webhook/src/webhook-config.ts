import { annotated } from '@aftercommit/registry';
import Type, { type Static } from 'typebox';

export const webhookConfigSchema = Type.Object(
  {
    url: Type.String({
      title: 'URL',
      description: 'Where the payload is sent: http or https, without user and password.',
    }),
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
  },
  { title: 'Webhook', description: 'Sends the payload as an HTTP request.', additionalProperties: false },
);

/** What a configuration says of a webhook, beside the fields of every trigger. */
export type WebhookConfig = Static<typeof webhookConfigSchema>;

/** Scheme, host and port: all of a URL that may be shown, since a path or a query can be a token. */
export function describeUrl(url: string): string {
  if (!URL.canParse(url)) return 'a URL that does not parse';
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
