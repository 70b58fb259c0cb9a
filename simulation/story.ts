import { checkEnd } from './checks/check-end.js';
import type { Session } from './checks/session.js';
import { assertThat } from './checks/violation.js';
import { Editor } from './configuration/editor.js';
import { Operator } from './operator.js';
import { Fates } from './sessions/fates.js';
import { Listener } from './sessions/listener.js';
import { SessionStarter } from './sessions/session-starter.js';
import { type Manners, mannersOf, planOf, type StoryPlan } from './story-plan.js';
import { Chance } from './world/chance.js';
import { World } from './world/world.js';

/** How long a session may go on before it is asked to stop, and then before it is called stuck, in milliseconds. */
const longestSessionMs = 180_000;
const longestStopMs = 3_600_000;
/** How many sessions may be needed when nothing goes wrong any more. */
const mostPeacefulSessions = 25;

/** A task over many sessions, with everything that can go wrong, and the same for every run with the same seed. */
export class Story {
  readonly #chance: Chance;
  readonly #plan: StoryPlan;
  readonly #world: World;
  readonly #editor: Editor;
  readonly #operator: Operator;
  readonly #listener: Listener;
  readonly #fates: Fates;
  readonly #starter: SessionStarter;
  readonly #sessions: Session[] = [];

  /** @param trace Told what happens, for people. Undefined: nobody wants to know. */
  constructor(seed: number, trace?: (line: string) => void) {
    const chance = new Chance(`story ${seed}`);
    const plan = planOf(chance.fork('plan'), seed);
    const world = new World(chance.fork('world'), plan);
    const listener = new Listener(world, trace);
    const sessions = this.#sessions;
    const fates = new Fates({ world, chance, listener, sessions });
    const noteTransaction = fates.noteTransaction.bind(fates);
    this.#chance = chance;
    this.#plan = plan;
    this.#world = world;
    this.#editor = new Editor(chance, world.sightings, (first) => plan.adjust(first));
    this.#operator = new Operator(world, chance.fork('operator'));
    this.#listener = listener;
    this.#fates = fates;
    this.#starter = new SessionStarter({ world, chance, host: plan.host, listener, sessions, noteTransaction });
  }

  /** @throws Violation, or what a collaborator threw that no fault explains. */
  async tell(): Promise<Record<string, number>> {
    for (let number = 0; number < this.#plan.sessions; number += 1) await this.#troubledSession();
    await this.#peace();
    await this.#end();
    return this.#world.sightings.counts;
  }

  async #troubledSession(): Promise<void> {
    const chance = this.#chance;
    const last = this.#sessions.at(-1);
    // While one ends, whoever is next in its process waits for it, and anywhere else does not.
    const isAtOnce = last?.isEnding === true && last.end === undefined;
    await this.#pass(isAtOnce ? 1 : chance.durationMs(chance.pick([10, 300, 4_000])));
    if (chance.happens(this.#plan.clockSteps)) this.#setClock();
    if (chance.happens(this.#plan.edits)) this.#edit();
    this.#thawSome(0.1);
    const manners = mannersOf(chance, this.#plan);
    if (isAtOnce && chance.happens(0.7)) manners.isInSameProcess = true;
    const session = this.#starter.start(manners, this.#editor.running);
    const hasMetFate = this.#fates.await(manners, session);
    if (chance.happens(this.#plan.operations)) this.#askSome();
    const { process } = session;
    const hasEnded = (): boolean => hasMetFate() || session.end !== undefined || process.isKilled;
    if (await this.#passUntil(hasEnded, longestSessionMs)) return;
    manners.stop.abort();
    assertThat(await this.#passUntil(hasEnded, longestStopMs), 'liveness', () => `${process.name} does not stop`);
  }

  #setClock(): void {
    this.#world.sightings.saw('clock set');
    this.#world.wall.step(this.#chance.pick([-86_400_000, -5_000, 3_000, 600_000]));
  }

  #edit(): void {
    // What is not in force yet cannot be told from what was never written: one change at a time.
    const isPending = this.#sessions.some(
      ({ process, hasReconciled, end }) => !process.isKilled && !hasReconciled && end === undefined,
    );
    const inForce = this.#world.holders.current;
    if (isPending || inForce?.configuration !== this.#editor.running || !inForce.hasReconciled) return;
    this.#editor.edit();
    this.#listener.trace(() => `edited: ${JSON.stringify(this.#editor.running.configuration)}`);
  }

  /** A person asks for something, now and then. */
  #askSome(): void {
    const chance = this.#chance;
    for (let asks = chance.between(1, 3); asks > 0; asks -= 1) {
      this.#world.scheduler.after(chance.durationMs(chance.pick([3_000, 60_000])), () => this.#operator.ask());
    }
  }

  /** Nothing goes wrong any more: everything is delivered, once the zombies have had their turn or not. */
  async #peace(): Promise<void> {
    const { network, scheduler, collection, holders } = this.#world;
    network.clearUp();
    const last = collection.at(-1)?.atMs ?? 0;
    if (scheduler.nowMs <= last) await this.#pass(last - scheduler.nowMs + 1);
    for (let number = 0; ; number += 1) {
      assertThat(number < mostPeacefulSessions, 'liveness', () => 'in good weather it does not come to its end');
      this.#thawSome(0.5);
      await this.#pass(this.#chance.durationMs(100));
      const manners = { ...mannersOf(this.#chance, this.#plan), ...peaceful() };
      const session = this.#starter.start(manners, this.#editor.running);
      const hasEnded = (): boolean => session.end !== undefined;
      const inTime = await this.#passUntil(hasEnded, longestStopMs);
      assertThat(inTime, 'liveness', () => `${session.process.name} does not come to its end`);
      if (session.end?.code === undefined && holders.current === session) break;
    }
  }

  #thawSome(probability: number): void {
    for (const { process } of this.#sessions) if (this.#chance.happens(probability)) process.thaw();
  }

  async #end(): Promise<void> {
    for (const { process } of this.#sessions) process.thaw();
    // Whoever is still there is a zombie, and finds out.
    await this.#pass(60_000);
    for (const { process } of this.#sessions) process.kill();
    await this.#pass(60_000);
    this.#world.sightings.saw('parked at the end', checkEnd(this.#world, this.#editor.running));
  }

  async #pass(durationMs: number): Promise<void> {
    await this.#passUntil(() => false, durationMs);
  }

  async #passUntil(hasHappened: () => boolean, atMostMs: number): Promise<boolean> {
    const world = this.#world;
    const hasEnough = (): boolean => world.violation !== undefined || hasHappened();
    const happened = await world.scheduler.runUntil(hasEnough, atMostMs);
    if (world.violation !== undefined) throw world.violation;
    return happened;
  }
}

/** How the sessions of peace depart from others. */
function peaceful(): Partial<Manners> & Pick<Manners, 'fate'> {
  return {
    fate: 'left alone',
    isInSameProcess: false,
    isFollowing: false,
    isDraining: true,
    failing: 0,
    storeFaults: 0,
  };
}
