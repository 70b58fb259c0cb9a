import { annotated, defineTriggerKind, EgressError } from '@aftercommit/registry';
import Type from 'typebox';
import { deliverMail } from './smtp-conversation.js';

/** An address goes into a line of the protocol: no spaces, no angle brackets, nothing that ends the line. */
const address = '^[^\\s<>]+@[^\\s<>]+$';

/** The trigger kind `mail`: sends the payload as the text of an e-mail, through an SMTP server. */
export const mail = defineTriggerKind({
  contractVersion: 1,
  kind: 'mail',
  configSchema: Type.Object(
    {
      host: Type.String({ title: 'Server', description: 'The SMTP server that takes the mail: a name or an address.' }),
      port: Type.Integer({
        title: 'Port',
        description: 'Where it listens.',
        minimum: 1,
        maximum: 65_535,
        default: 465,
      }),
      secure: Type.Boolean({ title: 'TLS', description: 'Whether it speaks TLS from the beginning.', default: true }),
      user: Type.Optional(Type.String({ title: 'User', description: 'Who sends. Without: nobody logs in.' })),
      password: annotated(Type.Optional(Type.String({ title: 'Password', description: 'That of the user.' })), {
        secret: true,
      }),
      from: Type.String({ title: 'From', description: 'The address of the sender.', pattern: address }),
      to: Type.Array(Type.String({ pattern: address }), {
        title: 'To',
        description: 'Who gets the mail.',
        minItems: 1,
      }),
      subject: Type.String({
        title: 'Subject',
        description: 'The subject of the mail.',
        pattern: '^[^\\r\\n]*$',
        default: 'New data',
      }),
    },
    { title: 'Mail', description: 'Sends an e-mail.' },
  ),
  defaultPayloadTemplate: '"{{materialization_name}}: {{docs_total}} new documents, run {{run_id}}"',

  // A sealed secret is absent here: only what is there is judged.
  validate({ host, secure, user, password }, { egress }) {
    const refusal = egress.refusal(host);
    return [
      ...(refusal === undefined ? [] : [error('/host', refusal)]),
      ...(password !== undefined && user === undefined ? [error('/user', 'A password needs a user.')] : []),
      ...(password !== undefined && !secure ? [error('/secure', 'A password is sent over TLS only.')] : []),
    ];
  },

  describeTarget: ({ host, port }) => `smtp://${host}:${port}`,

  async open(config, { egress, clock }) {
    if (egress.proxy !== undefined) throw new Error('mail cannot go through an HTTP proxy.');
    return {
      async attempt({ idempotencyKey, payload, signal }) {
        const refusal = egress.refusal(config.host);
        if (refusal !== undefined) return { outcome: 'rejected', reason: refusal };
        try {
          const message = { id: idempotencyKey, sentAt: clock.now(), text: payload };
          const { code, text } = await deliverMail(message, config, { lookup: egress.lookup, signal });
          if (code < 400) return { outcome: 'delivered' };
          // What begins with 4 may work later; what begins with 5 will not.
          return { outcome: code < 500 ? 'retry' : 'rejected', reason: `the server said ${code} ${text}` };
        } catch (failure) {
          if (EgressError.is(failure)) return { outcome: 'rejected', reason: failure.message };
          throw failure; // The core takes that as: it may work later.
        }
      },
    };
  },
});

/**
 * @param {string} pointer Where, relative to the trigger.
 * @param {string} message
 */
function error(pointer, message) {
  return /** @type {const} */ ({ severity: 'error', pointer, message });
}
