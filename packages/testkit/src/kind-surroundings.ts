import assert from 'node:assert/strict';
import { getDefaultResultOrder, getServers } from 'node:dns';
import { globalAgent } from 'node:http';
import { getDefaultAutoSelectFamily } from 'node:net';
import tls from 'node:tls';
import { isDeepStrictEqual } from 'node:util';

/** What the whole process has in common, as it is when this is made. */
export class Surroundings {
  readonly #before = surroundingsNow();

  /** Fails when something of it is no longer so. Whatever the case is about: a later one would find it changed already. */
  assertKept(): void {
    // No deepEqual: its message would print the environment.
    const areKept = isDeepStrictEqual(surroundingsNow(), this.#before);
    assert.ok(
      areKept,
      "environment, folder, title and defaults of the process are not the kind's to change: give what is particular to the connection",
    );
  }
}

function surroundingsNow(): object {
  return {
    folder: process.cwd(),
    variables: { ...process.env },
    title: process.title,
    fetch: globalThis.fetch,
    names: [getDefaultResultOrder(), getDefaultAutoSelectFamily(), ...getServers()],
    tls: [tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION, tls.DEFAULT_CIPHERS],
    agent: [globalAgent.maxSockets, globalAgent.maxFreeSockets],
  };
}
