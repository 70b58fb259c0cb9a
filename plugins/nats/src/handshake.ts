import { AttemptFailure } from './attempt-failure.js';
import { credentialsOf } from './credentials.js';
import type { NatsConfig } from './nats-config.js';
import type { ServerAddress } from './server-address.js';
import type { ServerConnection } from './server-connection.js';
import { version } from './version.js';

/**
 * Makes a connection ready to publish: the server introduces itself, TLS where it is asked for, then we do, and subscribe to
 * where acknowledgements come.
 *
 * @param inbox Begins the subjects of acknowledgements. No other connection has it.
 * @throws AttemptFailure
 */
export async function shakeHands(
  connection: ServerConnection,
  { isTls }: ServerAddress,
  config: NatsConfig,
  inbox: string,
): Promise<void> {
  // Whoever connects waits for the server's INFO.
  const { info } = await connection.exchange([], (operation) => (operation.name === 'INFO' ? operation : undefined));
  const { tls_required, tls_available, headers, nonce } = info;
  const offersTls = tls_required === true || tls_available === true;
  if (isTls && !offersTls) {
    const advice = 'Let it speak TLS, or write nats:// where everything may be read on the way';
    throw connection.end(new AttemptFailure('rejected', `${connection.where} does not offer TLS. ${advice}`));
  }
  if (headers !== true) {
    throw connection.end(
      new AttemptFailure('rejected', `${connection.where} takes no headers. NATS 2.2 or later does`),
    );
  }
  const { ca, certificate, key } = config.tls ?? {};
  if (isTls || tls_required === true) {
    await connection.startTls({
      ...(ca !== undefined && { ca }),
      ...(certificate !== undefined && { cert: certificate }),
      ...(key !== undefined && { key }),
    });
  }
  const introduction = {
    ...{ name: 'aftercommit', lang: 'aftercommit', version, protocol: 1, verbose: false, pedantic: false },
    ...{ headers: true, no_responders: true, tls_required: isTls },
    ...credentialsOf(config, nonce),
  };
  // A server may tell of its cluster meanwhile: nobody judged those addresses, and none of them is used.
  await connection.exchange(
    [`CONNECT ${JSON.stringify(introduction)}\r\n`, `SUB ${inbox}.* 1\r\n`, 'PING\r\n'],
    ({ name }) => name === 'PONG' || undefined,
  );
}
