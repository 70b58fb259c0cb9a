/** Everything that stories are about. One that never comes to pass would be tested by nobody. */
const sights = [
  'session',
  'session of a process that has another one',
  'session that goes on in its process',
  'commit',
  'attempt',
  'attempt at what was accepted',
  'attempt of a zombie',
  'parked at the end',

  'fate: killed',
  'fate: killed between the commits',
  'fate: power cut',
  'fate: frozen',
  'fate: failed over',
  'fate: overtaken',
  'fate: stopped',
  'fate: left alone',
  'clock set',

  'host: with the task',
  'host: elsewhere',
  'owner: store',
  'owner: endpoint',
  'opened: new',
  'opened: store',
  'opened: in-step',
  'opened: one-ahead',

  'edit: template',
  'edit: target',
  'edit: target and template',
  'edit: name',
  'edit: remove',
  'edit: return',
  'edit: add',
  'edit: add at an old target',
  'edit: replace',
  'edit: swap names',
  'edit: reorder',
  'edit: one target for two',
  'edit: interval',
  'edit: policy',
  'edit: limits',
  'edit: token',
  'edit: form',
  'edit: taken back',
  'edit: two at once',

  'piece kept whole by a power cut',
  'piece torn by a power cut',
  'piece lost by a power cut',
  'write that a dead process left',
  'opening lost in a failover',
  'store: lost-request',
  'store: lost-reply',
  'store: lost-connection',

  'receiver: accepted',
  'receiver: lost request',
  'receiver: lost reply',
  'receiver: unavailable',
  'receiver: come back later',
  'receiver: rejected',
  'receiver: no answer',

  'window added',
  'window adopted',
  'window united',
  'window taken after an interval',
  'window delivered',
  'window parked',
  'window replayed',
  'window dropped',
  'commit without documents',
  'outbox begun',
  'outbox renamed',
  'outbox without partner',
  'outbox with a partner again',
  'outbox removed empty',
  'outbox dropped',
  'backlog at its limit',
  'parked at their limit',

  'ended: well',
  'ended: STORE_FENCED',
  'ended: STORE_LOCKED',
  'ended: STORE_OUTCOME_UNKNOWN',
  'ended: STORE_UNAVAILABLE',
  'ended: ENDPOINT_FENCED',
  'ended: ENDPOINT_UNAVAILABLE',
  'ended: SOURCE_UNAVAILABLE',
  'ended: DELIVERY_EXHAUSTED',
  'ended: DELIVERY_REJECTED',
] as const;

export type Sight = (typeof sights)[number];

/** How often each was seen: also what never was. */
export class Sightings {
  readonly #counts = new Map<string, number>(sights.map((sight) => [sight, 0]));

  /** Something of that kind happened, or so many times. */
  saw(sight: Sight, times = 1): void {
    this.#counts.set(sight, this.of(sight) + times);
  }

  of(sight: Sight): number {
    return this.#counts.get(sight) ?? 0;
  }

  get counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}

/** Whether it is one that is counted. */
export function isSight(text: string): text is Sight {
  return (sights as readonly string[]).includes(text);
}
