import { materialize, type SessionEvent } from '@aftercommit/runtime-adapter';
import { checkEnd } from './checks/check-end.js';
import type { Session } from './checks/session.js';
import { assertThat, Violation } from './checks/violation.js';
import { type Configuration, type PlannedTrigger, RunningConfiguration } from './configuration/configuration.js';
import { editedConfiguration, firstConfiguration, Numbers } from './configuration/edit-configuration.js';
import { Operator } from './operator.js';
import { isSight } from './sightings.js';
import { type Manners, mannersOf, planOf, type StoryPlan } from './story-plan.js';
import { Chance } from './world/chance.js';
import { DiskStore, type StoreFault } from './world/disk-store.js';
import { ProcessClock } from './world/process-clock.js';
import { SimulatedConnector, type TransactionWitness } from './world/simulated-connector.js';
import { bindings, collections, materialization } from './world/simulated-endpoint.js';
import { type HostParts, SimulatedHost } from './world/simulated-host.js';
import { SimulatedProcess } from './world/simulated-process.js';
import { SimulatedSource } from './world/simulated-source.js';
import { World } from './world/world.js';

/** How long a session may go on before it is asked to stop, and then before it is called stuck, in milliseconds. */
const longestSessionMs = 180_000;
const longestStopMs = 3_600_000;
/** How many sessions may be needed when nothing goes wrong any more. */
const mostPeacefulSessions = 25;

/** Codes of errors that faults explain. Everything else is a finding. */
const explained = new Set([
  'STORE_FENCED',
  'STORE_OUTCOME_UNKNOWN',
  'STORE_UNAVAILABLE',
  'STORE_LOCKED',
  'ENDPOINT_FENCED',
  'ENDPOINT_UNAVAILABLE',
  'SOURCE_UNAVAILABLE',
  'DELIVERY_EXHAUSTED',
  'DELIVERY_REJECTED',
]);

/** A task over many sessions, with everything that can go wrong, and the same for every run with the same seed. */
export class Story {
  readonly #chance: Chance;
  readonly #plan: StoryPlan;
  readonly #world: World;
  readonly #numbers = new Numbers();
  readonly #operator: Operator;
  readonly #trace: (line: () => string) => void;
  readonly #sessions: Session[] = [];
  #processes = 0;
  /** By the ids that they drew: a session opens the task under one of them. */
  readonly #ids = new Map<string, Session>();
  readonly #removed: PlannedTrigger[] = [];
  /** With which the task was reconciled last, or will be. */
  #running: RunningConfiguration;
  #before: Configuration | undefined;
  /** What happens when the endpoint has so many transactions of a process, committed or staged, and the store not yet. */
  #atCommit: { process: SimulatedProcess; left: number; happen: () => void } | undefined;

  /** @param trace Told what happens, for people. Undefined: nobody wants to know. */
  constructor(seed: number, trace?: (line: string) => void) {
    this.#chance = new Chance(`story ${seed}`);
    this.#plan = planOf(this.#chance.fork('plan'), seed);
    this.#world = new World(this.#chance.fork('world'), this.#plan);
    this.#trace = (line) => trace?.(`${this.#world.scheduler.nowMs.toFixed(1).padStart(9)} ${line()}`);
    this.#operator = new Operator(this.#world, this.#chance.fork('operator'));
    const desk = { chance: this.#chance.fork('first configuration'), numbers: this.#numbers };
    this.#running = new RunningConfiguration(this.#plan.adjust(firstConfiguration(desk)));
  }

  /** @throws Violation, or what a collaborator threw that no fault explains. */
  async tell(): Promise<Record<string, number>> {
    for (let number = 0; number < this.#plan.sessions; number += 1) await this.#troubledSession();
    await this.#peace();
    await this.#end();
    return this.#world.sightings.counts;
  }

  async #troubledSession(): Promise<void> {
    const { scheduler, wall, sightings } = this.#world;
    const chance = this.#chance;
    const last = this.#sessions.at(-1);
    // While one ends, whoever is next in its process waits for it, and anywhere else does not.
    const isAtOnce = last?.isEnding === true && last.end === undefined;
    await this.#pass(isAtOnce ? 1 : chance.durationMs(chance.pick([10, 300, 4_000])));
    if (chance.happens(this.#plan.clockSteps)) {
      sightings.saw('clock set');
      wall.step(chance.pick([-86_400_000, -5_000, 3_000, 600_000]));
    }
    if (chance.happens(this.#plan.edits)) this.#edit();
    this.#thawSome(0.1);
    const manners = mannersOf(chance, this.#plan);
    if (isAtOnce && chance.happens(0.7)) manners.isInSameProcess = true;
    const session = this.#start(manners);
    const { process } = session;
    let isOver = false;
    const meetFate = (): void => {
      this.#trace(() => `${process.name}: ${manners.fate}`);
      sightings.saw(`fate: ${manners.fate}`);
      isOver = this.#meet(manners, session);
    };
    if (manners.fate === 'killed between the commits')
      this.#atCommit = { process, left: manners.afterSteps, happen: meetFate };
    else process.meetFate(manners.afterSteps, meetFate);
    if (chance.happens(this.#plan.operations)) {
      for (let asks = chance.between(1, 3); asks > 0; asks -= 1) {
        scheduler.after(chance.durationMs(chance.pick([3_000, 60_000])), () => this.#operator.ask());
      }
    }
    const hasEnded = (): boolean => isOver || session.end !== undefined || process.isKilled;
    if (await this.#passUntil(hasEnded, longestSessionMs)) return;
    manners.stop.abort();
    assertThat(await this.#passUntil(hasEnded, longestStopMs), 'liveness', () => `${process.name} does not stop`);
  }

  #noteCommit(process: SimulatedProcess): void {
    const planned = this.#atCommit;
    if (planned?.process !== process) return;
    planned.left -= 1;
    if (planned.left > 0) return;
    this.#atCommit = undefined;
    planned.happen();
  }

  /** What becomes of a process at its moment. Returns whether the next one may start. */
  #meet(manners: Manners, { process }: Session): boolean {
    const { disk, scheduler } = this.#world;
    switch (manners.fate) {
      case 'killed':
      case 'killed between the commits':
        process.kill();
        disk.noteKilled(process);
        return true;
      case 'power cut':
        for (const session of this.#sessions) session.process.kill();
        disk.cutPower();
        return true;
      case 'frozen':
        process.freeze();
        scheduler.after(this.#chance.durationMs(this.#chance.pick([200, 5_000, 60_000])), () => process.thaw());
        return true;
      case 'failed over':
        process.freeze();
        if (disk.loseLastOpening()) this.#world.wall.step(-86_400_000);
        scheduler.after(this.#chance.durationMs(2_000), () => process.thaw());
        return true;
      case 'overtaken':
        return true;
      case 'stopped':
        manners.stop.abort();
        // Whoever starts it anew does not always wait for its end.
        return this.#chance.happens(0.5);
      case 'left alone':
        return false;
    }
  }

  /** Nothing goes wrong any more: everything is delivered, once the zombies have had their turn or not. */
  async #peace(): Promise<void> {
    const { network, scheduler } = this.#world;
    network.clearUp();
    const last = this.#world.collection.at(-1)?.atMs ?? 0;
    if (scheduler.nowMs <= last) await this.#pass(last - scheduler.nowMs + 1);
    for (let number = 0; ; number += 1) {
      assertThat(number < mostPeacefulSessions, 'liveness', () => 'in good weather it does not come to its end');
      this.#thawSome(0.5);
      await this.#pass(this.#chance.durationMs(100));
      const session = this.#start({ ...mannersOf(this.#chance, this.#plan), ...peaceful() });
      const hasEnded = (): boolean => session.end !== undefined;
      const inTime = await this.#passUntil(hasEnded, longestStopMs);
      assertThat(inTime, 'liveness', () => `${session.process.name} does not come to its end`);
      if (session.end?.code === undefined && this.#world.ledger.holder === session) break;
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
    this.#world.sightings.saw('parked at the end', checkEnd(this.#world, this.#running));
  }

  #edit(): void {
    // What is not in force yet cannot be told from what was never written: one change at a time.
    const isPending = this.#sessions.some(
      ({ process, hasReconciled, end }) => !process.isKilled && !hasReconciled && end === undefined,
    );
    const inForce = this.#world.ledger.holder;
    if (isPending || inForce?.configuration !== this.#running || !inForce.hasReconciled) return;
    const desk = { chance: this.#chance, numbers: this.#numbers };
    const { configuration } = this.#running;
    const isBack = this.#before !== undefined && this.#chance.happens(0.2);
    const { configuration: next, edits } =
      isBack && this.#before
        ? { configuration: this.#before, edits: ['taken back' as const] }
        : editedConfiguration(this.#running, this.#removed, desk);
    for (const edit of edits) this.#world.sightings.saw(`edit: ${edit}`);
    if (edits.length > 1) this.#world.sightings.saw('edit: two at once');
    const remaining = new Set(next.triggers.map(({ id }) => id));
    this.#removed.push(...configuration.triggers.filter(({ id }) => !remaining.has(id)));
    this.#before = configuration;
    this.#running = new RunningConfiguration(next);
    this.#trace(() => `edited: ${JSON.stringify(next)}`);
  }

  #start(manners: Manners): Session {
    const { wall, network, sightings } = this.#world;
    const configuration = this.#running;
    const name = `session ${this.#sessions.length + 1}`;
    const before = this.#sessions.at(-1);
    const host = manners.isInSameProcess && before?.process.isRunning === true ? before : undefined;
    const { process, store } = host ?? this.#newProcess(manners);
    const session: Session = {
      name,
      process,
      store,
      configuration,
      owner: undefined,
      openedAtMs: 0,
      hasReconciled: false,
      hasLostWrite: false,
      hasLostOpening: false,
      isEnding: false,
      inFlight: 0,
      after: this.#sessions.filter((one) => one.store === store && one.isEnding && one.end === undefined),
      end: undefined,
    };
    this.#sessions.push(session);
    sightings.saw('session');
    if (host !== undefined) sightings.saw('session that goes on in its process');
    if (host !== undefined && host.end === undefined) sightings.saw('session of a process that has another one');
    const clock = new ProcessClock(process, wall, network);
    this.#world.note(session, clock);
    this.#trace(() => `${name}: starts in ${process.name}, ${JSON.stringify({ ...manners, stop: undefined })}`);
    const chance = this.#chance.fork(name);
    const id = (): string => {
      const drawn = chance.id();
      this.#ids.set(drawn, session);
      return drawn;
    };
    const tokens = configuration.configuration.triggers.map(({ token }) => token);
    const say = (message: string): void => this.#listen(name, message, tokens);
    const options = {
      store,
      materialization,
      triggers: configuration.compiled,
      retryNow: manners.isRetryingNow,
      environment: { clock, random: { id, fraction: () => chance.fraction() }, logger: { info: say, warn: say } },
      observe: (event: SessionEvent) => {
        say(JSON.stringify(event));
        if (event.event === 'opened') this.#saw(`opened: ${event.runtimeCheckpoint}`);
      },
    };
    const end = this.#run(session, manners, options);
    void this.#watch(end, session);
    return session;
  }

  /** The program: the one that is shipped, or a host with a commit loop of its own. */
  #run(session: Session, manners: Manners, options: HostParts['options']): Promise<unknown> {
    const { commits, sightings, collection, endpoint, hostDatabase } = this.#world;
    const { process, store, configuration } = session;
    const configured = configuration.configuration.triggers.map(({ id }) => id);
    const witness: TransactionWitness = (transactionId, documents, isCommitted) => {
      commits.noteDocuments(transactionId, documents);
      if (isCommitted) commits.noteEndpointCommit(transactionId, configured);
      this.#noteCommit(process);
    };
    const noteEnding = (): void => {
      session.isEnding = true;
    };
    const { host } = this.#plan;
    if (host !== undefined) {
      const database = host === 'elsewhere' ? hostDatabase : undefined;
      sightings.saw(`host: ${host}`);
      return new SimulatedHost({ options, store, process, collection, database, manners, witness, noteEnding }).run();
    }
    sightings.saw(`owner: ${manners.runtimeCheckpointOwner}`);
    const sources = collections.map((name) => {
      const written = collection.filter((one) => one.collection === name);
      return [name, new SimulatedSource(written, process, manners)] as const;
    });
    return materialize({
      ...options,
      store,
      connector: new SimulatedConnector(endpoint, process, manners, witness, noteEnding),
      bindings,
      sources: new Map(sources),
      transactions: { maxDocs: manners.maxDocs, maxDurationMs: 500 },
      drainIntervals: manners.isDraining,
      stop: manners.stop.signal,
    });
  }

  #newProcess(manners: Manners): Pick<Session, 'process' | 'store'> {
    const { scheduler, wall, network, disk, ledger, sightings } = this.#world;
    this.#processes += 1;
    const name = `process ${this.#processes}`;
    const process = new SimulatedProcess(name, scheduler, this.#chance.fork(name));
    const nextFault = (): StoreFault => {
      if (!process.chance.happens(manners.storeFaults)) return 'none';
      const fault = process.chance.pick<StoreFault>(['lost-request', 'lost-reply', 'lost-connection']);
      if (fault !== 'none') sightings.saw(`store: ${fault}`);
      const hit = this.#sessions.filter((session) => session.process === process && session.end === undefined);
      for (const session of hit) session.hasLostWrite = true;
      return fault;
    };
    const noteOwner = (owner: string): void => {
      const session = this.#ids.get(owner);
      if (session !== undefined) this.#world.watch(() => ledger.noteOwner(owner, session));
    };
    return { process, store: new DiskStore(disk, new ProcessClock(process, wall, network), { nextFault, noteOwner }) };
  }

  /** A kind of event that is counted. One that is not is no news of a story. */
  #saw(text: string): void {
    if (isSight(text)) this.#world.sightings.saw(text);
  }

  async #watch(end: Promise<unknown>, session: Session): Promise<void> {
    try {
      await end;
      session.end = { code: undefined };
    } catch (error) {
      const code = codeOf(error);
      session.end = { code };
      if (code === undefined || !explained.has(code)) this.#world.violation ??= error;
      const isHolder = this.#world.ledger.holder === session;
      if (code === 'STORE_FENCED' && isHolder && !session.hasLostOpening) {
        this.#world.violation ??= new Violation(
          'fence',
          `${session.name} holds the task, and was told that it is fenced`,
        );
      }
    }
    this.#saw(`ended: ${session.end.code ?? 'well'}`);
    this.#trace(() => `${session.name}: ended ${session.end?.code ?? 'well'}`);
  }

  /** I8: what is said is for everybody. */
  #listen(name: string, message: string, tokens: readonly string[]): void {
    this.#trace(() => `${name}: ${message}`);
    const token = tokens.find((one) => message.includes(one));
    if (token !== undefined) this.#world.violation ??= new Violation('I8', `a token was printed: ${message}`);
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

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
