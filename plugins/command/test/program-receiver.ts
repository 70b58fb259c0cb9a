import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { KindReceiver, ReceivedDelivery } from '@aftercommit/testkit';
import type { Programs } from './programs.js';

/**
 * The receiving end of a command: a shell script that keeps what it reads in a file of its own, and then does what the file
 * `mode` says.
 */
export function programReceiver(programs: Programs): { program: string; receiver: KindReceiver } {
  const program = programs.sh(
    'receive.sh',
    `cd '${programs.folder}'
name="$(date +%s%N)-$$"
cat > "$name.part"
printf %s "$AFTERCOMMIT_IDEMPOTENCY_KEY" > "$name.key"
mv "$name.part" "$name.payload"
case "$(cat mode)" in
accept) exit 0 ;;
refuse) echo "busy" >&2; exit 75 ;;
reject) echo "wrong" >&2; exit 78 ;;
hang) sleep 60 & wait ;;
esac`,
  );
  const answer = (mode: string) => () => writeFileSync(programs.path('mode'), mode);
  answer('accept')();
  return {
    program,
    receiver: {
      received: async () => readDeliveries(programs),
      accept: answer('accept'),
      refuse: answer('refuse'),
      reject: answer('reject'),
      hang: answer('hang'),
    },
  };
}

/** In order of arrival: the names of the files begin with the time. */
function readDeliveries(programs: Programs): ReceivedDelivery[] {
  const names = readdirSync(programs.folder)
    .filter((name) => name.endsWith('.payload'))
    .sort();
  return names.map((name) => ({
    payload: readFileSync(programs.path(name)),
    idempotencyKey: programs.read(name.replace(/payload$/, 'key')),
  }));
}
