import { annotated } from '@aftercommit/registry';
import Type, { type Static } from 'typebox';

const secretText = (title: string, description: string) =>
  annotated(Type.String({ title, description }), { secret: true });

export const natsConfigSchema = Type.Object(
  {
    servers: Type.Array(Type.String({ title: 'Server', description: 'Such as nats://nats.example.com:4222.' }), {
      title: 'Servers',
      description:
        'The servers of one cluster, tried in this order: nats://host:port, or tls://host:port for TLS. The port is 4222 unless given.',
      minItems: 1,
    }),
    subject: Type.String({
      title: 'Subject',
      description: 'The subject that is published to. A stream of JetStream has to listen to it.',
    }),
    stream: Type.Optional(
      Type.String({
        title: 'Stream',
        description:
          'The stream that has to take the message. Another one that listens to the subject refuses it then.',
      }),
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), annotated(Type.String({ title: 'Value' }), { secret: true }), {
        title: 'Headers',
        description: 'Headers of the message. Their values are secret, their names are not.',
        default: {},
      }),
    ),
    user: Type.Optional(Type.String({ title: 'User', description: 'The user to connect as, with password.' })),
    password: Type.Optional(secretText('Password', 'The password of user.')),
    token: Type.Optional(secretText('Token', 'The token to connect with.')),
    creds: Type.Optional(
      secretText('Credentials', 'The contents of a .creds file: a user JWT and the seed of its NKey.'),
    ),
    nkeySeed: Type.Optional(secretText('NKey seed', 'The seed of a user NKey: it begins with SU.')),
    inboxPrefix: Type.Optional(
      Type.String({
        title: 'Inbox prefix',
        description: 'Where acknowledgements are sent to, for users who may not subscribe to _INBOX.>.',
        default: '_INBOX',
      }),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          ca: Type.Optional(
            Type.String({
              title: 'Certificate authority',
              description: 'The certificates, in PEM, that sign those of the servers. Default: those that Node trusts.',
            }),
          ),
          certificate: Type.Optional(
            Type.String({
              title: 'Certificate',
              description: 'Our own certificate, in PEM, for servers that ask for it.',
            }),
          ),
          key: Type.Optional(secretText('Key', 'The private key of the certificate, in PEM.')),
        },
        {
          title: 'TLS',
          description: 'Certificates for tls:// servers. Certificates of servers are always verified.',
          additionalProperties: false,
          // Also where the key is sealed, and so not there to be looked at.
          dependentRequired: { certificate: ['key'] },
        },
      ),
    ),
  },
  {
    title: 'NATS',
    description: 'Publishes the payload to a stream of NATS JetStream, and waits for its acknowledgement.',
    additionalProperties: false,
  },
);

/**
 * What a configuration says of a NATS trigger, beside the fields of every trigger.
 *
 * @interface
 */
export type NatsConfig = Static<typeof natsConfigSchema>;
