import { emptyOutbox, type ParkedRecord, type StoredOutbox } from '@aftercommit/persistence/records';
import { describe, expect, it } from 'vitest';
import { windowOf } from '../test/delivery-bench.js';
import { matchOutboxes } from './match-outboxes.js';
import type { TriggerIdentity } from './trigger-identity.js';

/** `name@target/template`; `~` before the name: derived. */
function trigger(text: string): TriggerIdentity {
  const [, derived, name = '', targetHash = '', templateHash = ''] = /^(~?)(.*)@(.*)\/(.*)$/.exec(text) ?? [];
  const kind = targetHash.startsWith('log') ? 'log' : 'post';
  return { name, nameConfigured: derived === '', kind, targetHash, templateHash, configHash: text };
}

/** As a trigger, with the number of windows in it; `p`: one is parked; `!` at the end: it had no partner before. */
function outbox(text: string, index: number): StoredOutbox {
  const [, identity = '', waiting = '0', isParked, lonely] = /^(.*?)=(\d+)(p?)(!?)$/.exec(text) ?? [];
  return {
    ...emptyOutbox(String(index + 1).padStart(6, '0')),
    about: { ...trigger(identity), hasPartner: lonely === '', intervalMs: null },
    windows: Array.from({ length: Number(waiting) }, (_, at) => {
      const window = windowOf(at + 1);
      return { place: window.run_id, idempotencyKey: `key-${at}`, window };
    }),
    parked: isParked === 'p' ? [parkedOne] : [],
  };
}

const parkedOne: ParkedRecord = {
  idempotencyKey: 'key-9',
  window: windowOf(9),
  parkedAt: 0,
  failingSinceAt: 0,
  attempts: 3,
  outcome: 'exhausted',
  reason: 'HTTP 503',
};

/** For each trigger the name of the outbox it goes on with; `-`: an empty one. */
function matched(outboxes: string[], triggers: string[]): string[] {
  const { partners } = matchOutboxes(outboxes.map(outbox), triggers.map(trigger));
  return partners.map((partner) => partner?.outbox.about.name ?? '-');
}

describe('outboxes and triggers', () => {
  it.each<[what: string, outboxes: string[], triggers: string[], matches: string[]]>([
    ['an empty one rests under the name that one was given', ['a@1/t=0!', 'b@2/u=1p'], ['a@2/u'], ['b']],
    ['nothing changed', ['a@1/t=1', 'b@2/t=1'], ['a@1/t', 'b@2/t'], ['a', 'b']],
    ['the order changed', ['a@1/t=1', 'b@2/t=1'], ['b@2/t', 'a@1/t'], ['b', 'a']],
    ['a template was corrected', ['a@1/t=1'], ['a@1/u'], ['a']],
    ['a target was corrected', ['a@1/t=1'], ['a@2/t'], ['a']],
    ['template and target were changed at once', ['a@1/t=1'], ['a@2/u'], ['a']],
    ['the kind was changed under a name', ['a@1/t=1'], ['a@log/t'], ['a']],
    ['one was renamed', ['a@1/t=1', 'b@2/t=1'], ['c@1/t', 'b@2/t'], ['a', 'b']],
    ['one was renamed and its template corrected', ['a@1/t=1'], ['c@1/u'], ['a']],
    ['one was renamed and its target corrected', ['a@1/t=1'], ['c@2/t'], ['-']],
    ['one was removed', ['a@1/t=1', 'b@2/t=1'], ['b@2/t'], ['b']],
    ['one was removed while both wait, unnamed', ['~a@1/t=1', '~b@2/t=1'], ['~b@2/t'], ['b']],
    ['one was added', ['a@1/t=1'], ['b@2/t', 'a@1/t'], ['-', 'a']],
    ['one was added on the same URL', ['~a@1/t=1'], ['~a-t@1/t', '~a-u@1/u'], ['a', '-']],
    ['one was added on the same URL, in front', ['~a@1/t=1'], ['~a-u@1/u', '~a-t@1/t'], ['-', 'a']],
    ['targets were swapped under names', ['a@1/t=1', 'b@2/u=1'], ['a@2/t', 'b@1/u'], ['a', 'b']],
    ['names were swapped', ['a@1/t=1', 'b@2/u=1'], ['b@1/t', 'a@2/u'], ['b', 'a']],
    ['one was split in two', ['a@1/t=2'], ['a@1/t', 'b@1/t'], ['a', '-']],
    ['one was split, the old name last', ['a@1/t=2'], ['b@1/t', 'a@1/t'], ['-', 'a']],
    ['two were joined', ['a@1/t=1', 'b@1/u=1'], ['c@1/u'], ['b']],
    ['a list became a map', ['~post-1@1/t=1', '~post-2@2/t=1'], ['dbt@2/t', 'slack@1/t'], ['post-2', 'post-1']],
    ['a list became a map of its derived names', ['~p1@1/t=1', '~p2@2/t=1'], ['p2@2/t', 'p1@1/t'], ['p2', 'p1']],
    ['a map became a list', ['dbt@1/t=1', 'slack@2/t=1'], ['~p2@2/t', '~p1@1/t'], ['slack', 'dbt']],
    ['two on one URL differ in their template', ['~a@1/t=1', '~b@1/u=1'], ['~b@1/u', '~a@1/t'], ['b', 'a']],
    ['two on one URL are equal', ['~a@1/t=1', '~a-2@1/t=1'], ['~a@1/t', '~a-2@1/t'], ['a', 'a-2']],
    ['of two equal ones one is left', ['~a-t@1/t=1', '~a-t-2@1/t=1'], ['~a@1/t'], ['a-t']],
    ['two on one URL, one template corrected', ['~a@1/t=1', '~b@1/u=1'], ['~c@1/v', '~b@1/u'], ['a', 'b']],
    ['an unnamed URL was corrected', ['~a@1/t=1'], ['~b@2/t'], ['a']],
    ['an unnamed URL and template were corrected', ['~a@1/t=1'], ['~b@2/u'], ['a']],
    ['an unnamed URL was corrected beside an empty outbox', ['~a@1/t=1', '~x@9/t=0'], ['~b@2/t'], ['a']],
    ['an unnamed URL was corrected beside a neighbour', ['~a@1/t=1', '~c@3/t=1'], ['~b@2/t', '~c@3/t'], ['a', 'c']],
    ['two unnamed URLs were corrected', ['~a@1/t=1', '~b@2/t=1'], ['~c@3/t', '~d@4/t'], ['-', '-']],
    ['an unnamed URL changed and another was added', ['~a@1/t=1'], ['~b@2/t', '~c@3/t'], ['-', '-']],
    ['an unnamed URL changed while two wait', ['~a@1/t=1', '~b@2/t=1'], ['~c@3/t'], ['-']],
    ['a named one is left for an unnamed trigger', ['a@1/t=1'], ['~b@2/t'], ['-']],
    ['an unnamed one is left for a named trigger', ['~a@1/t=1'], ['b@2/t'], ['-']],
    ['what is left is of another kind', ['~a@1/t=1'], ['~b@log/t'], ['-']],
    ['one of each kind is left', ['~a@1/t=1', '~b@log1/t=1'], ['~d@log2/t', '~c@2/t'], ['b', 'a']],
    ['only an empty outbox is left', ['~a@1/t=0'], ['~b@2/t'], ['-']],
    ['only what is parked is left', ['~a@1/t=0p'], ['~b@2/t'], ['a']],
    ['a lonely one is met by its target', ['a@1/t=1!'], ['b@1/t'], ['-']],
    ['a lonely unnamed one is left for one trigger', ['~a@1/t=1!'], ['~b@2/t'], ['-']],
    ['a trigger of a lonely name returns', ['a@1/t=1!'], ['a@2/u'], ['a']],
    ['a trigger of a lonely derived name returns', ['~a@1/t=1!'], ['~a@1/t'], ['a']],
    ['a trigger of an empty lonely name returns', ['a@1/t=0!'], ['a@2/u'], ['a']],
    ['a trigger of an empty lonely derived name returns', ['~a@1/t=0!'], ['~a@1/t'], ['a']],
    ['an empty lonely one is beside the one left', ['~a@1/t=0!', '~b@2/t=1'], ['~c@3/t'], ['b']],
    ['a lonely one is beside the one left', ['~a@1/t=1!', '~b@2/t=1'], ['~c@3/t'], ['b']],
    ['a lonely name returns with the target of another', ['a@1/t=1!', '~b@2/t=1'], ['a@2/t'], ['a']],
    ['a configured name is held by a derived outbox', ['~a@1/t=1'], ['a@2/t'], ['a']],
    ['a derived name is held by a configured outbox', ['a@1/t=1'], ['~a@2/t'], ['a']],
    ['a derived name goes to a neighbour', ['~a@1/t=1', 'b@1/u=1'], ['~a@1/u'], ['b']],
    ['a lonely unnamed one gave its name to another', ['~a-2@1/t=1!', '~a@1/u=1'], ['~a@1/t', 'b@1/u'], ['a-2', 'a']],
    ['a lonely unnamed one is alone on its URL now', ['~a-t@1/t=1!', '~a@1/u=1'], ['~a@1/t'], ['a-t']],
    ['a lonely unnamed one has a neighbour on its URL now', ['~a@1/t=1!'], ['~a-t@1/t', '~a-u@1/u'], ['a', '-']],
    ['a lonely unnamed one is beside its like', ['~a-2@1/t=1!', '~a@1/t=1'], ['~a@1/t'], ['a']],
    ['a lonely unnamed one is left for a named trigger', ['~a-2@1/t=1!'], ['b@1/t'], ['-']],
    ['a lonely one of a derived name meets another template', ['~a@1/t=1!'], ['~a@1/u'], ['a']],
  ])('match when %s', (_what, outboxes, triggers, matches) => {
    expect(matched(outboxes, triggers)).toEqual(matches);
  });

  it('find each other again when specs alternate between hosts', () => {
    expect(matched(['~a@1/t=1'], ['~b@2/t'])).toEqual(['a']);
    expect(matched(['~b@2/t=1'], ['~a@1/t'])).toEqual(['b']);
    // Two at once cannot be told apart: they start empty, and the old ones go on when their hosts return.
    const alternated = ['~a@1/t=1!', '~b@2/t=1!', '~c@3/t=1', '~d@4/t=0'];
    expect(matched(alternated, ['~a@1/t', '~b@2/t'])).toEqual(['a', 'b']);
  });
});
