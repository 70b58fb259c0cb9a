/** The runtime with one mistake in it: which invariants it breaks, and what is written differently, in which file. */
export type Mutant = {
  mistake: string;
  /** Those by which it may be caught. */
  breaks: readonly string[];
  /** Where the search for a story that catches it begins, to be quick where such stories are rare. Default: the first one. */
  firstSeed?: number;
  /** The first text is replaced by the second one; it stands in the file exactly once. */
  changes: ReadonlyArray<{ file: string; from: string; to: string }>;
};

const delivery = 'packages/delivery/src';
const adapter = 'packages/runtime-adapter/src';
const disk = 'simulation/world/disk.ts';

export const mutants: readonly Mutant[] = [
  {
    mistake: 'clears before it delivers',
    breaks: ['I3'],
    changes: [
      {
        file: `${delivery}/lane-rounds.ts`,
        from: 'await this.#outbox.prepare();',
        to: 'await this.#outbox.prepare(); await this.#outbox.clear(head);',
      },
      {
        file: `${delivery}/lane-rounds.ts`,
        from: 'await this.#outbox.clear(head);\n    this.#goOn();',
        to: 'this.#goOn();',
      },
      { file: `${delivery}/lane-rounds.ts`, from: 'number: this.#about(head).attempt,', to: 'number: about.attempt,' },
    ],
  },
  {
    mistake: 'delivers before the commit',
    breaks: ['I2', 'records'],
    changes: [
      {
        file: `${adapter}/trigger-session.ts`,
        from: 'this.#staged.add(batch, { runtimeCheckpoint, window: staged });',
        to: `this.#staged.add(batch, { runtimeCheckpoint, window: undefined });
    if (staged !== undefined) { this.#task.lanes.add(staged); this.#task.lanes.acknowledged(); }`,
      },
    ],
  },
  {
    mistake: 'fires before the endpoint has acknowledged',
    breaks: ['I2'],
    changes: [
      {
        file: `${adapter}/commit-loop.ts`,
        from: 'endpoint.keep(await connector.acknowledge());\n  await session.acknowledged();',
        to: 'await session.acknowledged();\n  endpoint.keep(await connector.acknowledge());',
      },
    ],
  },
  {
    mistake: 'opens the endpoint before the store',
    breaks: ['I1', 'I2', 'rows', 'unexplained'],
    changes: [
      {
        file: `${adapter}/open-task.ts`,
        from: 'const state = await task.store.open(task.materialization, task.environment.random.id(), epoch);',
        to: `const early = await task.store.open(task.materialization, task.environment.random.id(), epoch);
  const known = readLastCommit(await early.list(taskKeys.commits));
  const found = await openEndpoint(task, early, known?.record);
  const state = await task.store.open(task.materialization, task.environment.random.id(), epoch);
  const { owner } = task.endpoint;
  const reconciled: SessionEndpoint['reconciled'] = (...given) => task.endpoint.reconciled(...given);
  const stale = { ...task, endpoint: { owner, open: async () => found, reconciled } };`,
      },
      {
        file: `${adapter}/open-task.ts`,
        from: 'return await reconcile(task, state);',
        to: 'return await reconcile(stale, state);',
      },
    ],
  },
  {
    mistake: 'checks no owner, only the epoch',
    breaks: ['I6'],
    changes: [
      {
        file: disk,
        from: 'task.owner !== fence.owner || task.epoch !== fence.epoch',
        to: 'task.epoch !== fence.epoch',
      },
    ],
  },
  {
    mistake: 'checks no fence at all',
    breaks: ['I6'],
    changes: [{ file: disk, from: 'task.owner !== fence.owner || task.epoch !== fence.epoch', to: 'task.epoch < 0n' }],
  },
  {
    mistake: 'clears all triggers of a commit or none',
    breaks: ['I7', 'I5', 'I3', 'I1'],
    changes: [
      {
        file: `${delivery}/outbox.ts`,
        from: "await this.#done.add(batch, runId, { ended: 'delivered', at, attempts, docsTotal, ...coverageOf(head) });\n    await this.#remove(head, batch);",
        to: `await this.#done.add(batch, runId, { ended: 'delivered', at, attempts, docsTotal, ...coverageOf(head) });
    batch.delete(taskKeys.window(this.#id, head.place)).delete(taskKeys.delivery(this.#id));
    cleared.push(() => this.#state.write(batch));
    this.queue.shift();
    this.#delivery = undefined;`,
      },
      {
        file: `${delivery}/outbox.ts`,
        from: '/** What a person wants done with what is parked. */',
        to: 'export const cleared: Array<() => Promise<void>> = [];\n/** What a person wants done with what is parked. */',
      },
      {
        file: `${delivery}/lanes.ts`,
        from: 'await this.#settling.until(() => isOver() || !this.#lanes.some(({ lane }) => lane.blocks));',
        to: `await this.#settling.until(() => isOver() || !this.#lanes.some(({ lane }) => lane.blocks));
    if (!isOver()) for (const clear of cleared.splice(0)) await clear();`,
      },
      {
        file: `${delivery}/lanes.ts`,
        from: "import type { ParkedRequest } from './outbox.js';",
        to: "import { cleared, type ParkedRequest } from './outbox.js';",
      },
    ],
  },
  {
    mistake: 'unites what was attempted',
    breaks: ['I4'],
    changes: [
      {
        file: `${delivery}/outbox.ts`,
        from: 'return this.#delivery !== undefined || this.queue.oldest?.replayed === true || !this.#hasInterval;',
        to: 'return (this.#delivery?.attempts === 0) || this.queue.oldest?.replayed === true || !this.#hasInterval;',
      },
    ],
  },
  {
    mistake: 'forgets that an interval was added to what may have been attempted',
    breaks: ['I4'],
    firstSeed: 2297,
    changes: [
      {
        file: `${delivery}/plan-opening.ts`,
        from: 'const gotInterval = outbox.about.intervalMs === null && trigger.intervalMs !== undefined;',
        to: 'const gotInterval = false;',
      },
    ],
  },
  {
    mistake: 'loses what the endpoint brings along',
    breaks: ['I1'],
    changes: [
      {
        file: `${adapter}/open-task.ts`,
        from: 'const adopted = window ? { materialization, window } : undefined;',
        to: 'const adopted = window === window ? undefined : { materialization, window: window! };',
      },
    ],
  },
  {
    mistake: 'gives what the endpoint brings along to those alone who are configured now',
    breaks: ['I1'],
    firstSeed: 351,
    changes: [
      {
        file: `${delivery}/plan-opening.ts`,
        from: '(outbox.about.hasPartner ? tell(outbox, outbox.about.name) : outbox)',
        to: 'outbox',
      },
    ],
  },
  {
    mistake: 'computes the key anew',
    breaks: ['I4', 'I2', 'I3'],
    changes: [
      {
        file: `${delivery}/lane-rounds.ts`,
        from: 'idempotencyKey: head.idempotencyKey,\n      window: head.window,',
        to: `idempotencyKey: idempotencyKey(this.#context.materialization, this.#trigger.name, head.window.run_id),
      window: head.window,`,
      },
      {
        file: `${delivery}/lane-rounds.ts`,
        from: "import { makeAttempt } from './make-attempt.js';",
        to: "import { idempotencyKey } from './idempotency-key.js';\nimport { makeAttempt } from './make-attempt.js';",
      },
    ],
  },
  {
    mistake: 'matches outboxes and triggers by their position',
    breaks: ['I1', 'I4', 'records'],
    changes: [
      {
        file: `${delivery}/match-outboxes.ts`,
        from: 'const taken = new Set<StoredOutbox>();\n',
        to: `const taken = new Set<StoredOutbox>();
  if (triggers.length >= 0) {
    return { partners: triggers.map((_, at) => outboxes[at] && { outbox: outboxes[at], rule: 'same' as const }), withoutPartner: outboxes.slice(triggers.length) };
  }
`,
      },
    ],
  },
  {
    mistake: 'matches by name alone',
    breaks: ['I1'],
    changes: [
      {
        file: `${delivery}/match-outboxes.ts`,
        from: 'of matchingRules) {',
        to: 'of matchingRules.slice(0, 2)) {',
      },
    ],
  },
  {
    mistake: 'knows only in memory when a lane fired last',
    breaks: ['interval'],
    changes: [
      {
        file: `${delivery}/outbox.ts`,
        from: 'batch.put(taskKeys.lastFired(this.#id), { at: this.#clock.now(), runId });\n',
        to: '',
      },
    ],
  },
  {
    mistake: 'takes what waits in memory only',
    breaks: ['I4'],
    changes: [{ file: `${delivery}/outbox.ts`, from: 'batch.put(taskKeys.delivery(this.#id), untried);\n', to: '' }],
  },
  {
    mistake: 'commits windows after the checkpoint, in a write of their own',
    breaks: ['I1'],
    changes: [
      {
        file: `${adapter}/commit-loop.ts`,
        from: 'endpoint.stage(commit);\n      await session.commit(commit);',
        to: `endpoint.stage(commit);
    const first = session.newBatch(); const second = session.newBatch();
    for (const [key, value] of commit.changes) {
      const batch = key.includes('/window/') ? second : first;
      if (value === undefined) batch.delete(key); else batch.put(key, value);
    }
    await session.commit(first);
    await session.commit(second);`,
      },
    ],
  },
  {
    mistake: 'commits before what blocks is delivered',
    breaks: ['settled', 'I9'],
    changes: [
      {
        file: `${delivery}/lane.ts`,
        from: "return this.trigger.onFailure === 'block' && this.#isDue;",
        to: "return this.trigger.onFailure === 'block' && this.#isDue && this.held > 3;",
      },
    ],
  },
  {
    mistake: 'clears what was refused',
    breaks: ['I3'],
    changes: [
      {
        file: `${delivery}/lane-rounds.ts`,
        from: "if (outcome.outcome === 'delivered') await this.#clear(head);",
        to: "if (outcome.outcome !== 'retry') await this.#clear(head);",
      },
    ],
  },
  {
    mistake: 'parks what nobody wants to be parked',
    breaks: ['I3'],
    changes: [
      {
        file: `${delivery}/lane-rounds.ts`,
        from: "const isParking = isOver && onFailure === 'park';",
        to: 'const isParking = isOver;',
      },
    ],
  },
  {
    mistake: 'stops before the outcomes of attempts in flight are stored',
    breaks: ['I7'],
    changes: [
      {
        file: `${delivery}/lane.ts`,
        from: 'await this.#rounds.note(head, outcome);',
        to: 'if (!this.#isStopped) await this.#rounds.note(head, outcome);',
      },
    ],
  },
  {
    mistake: 'goes on attempting after the session was lost',
    breaks: ['I5', 'I7'],
    firstSeed: 605,
    changes: [
      {
        file: `${delivery}/lane.ts`,
        from: 'if (lost.aborted) throw lost.reason;\n    await this.#rounds.note(head, outcome);',
        to: 'if (lost.aborted) return;\n    await this.#rounds.note(head, outcome).catch(() => undefined);',
      },
      { file: `${delivery}/lane.ts`, from: 'this.#rounds.lose();', to: '' },
    ],
  },
  {
    mistake: 'gives a run id out twice when the clock was set back',
    breaks: ['commit', 'unexplained', 'I4'],
    changes: [
      {
        file: `${adapter}/trigger-session.ts`,
        from: 'this.#lastRunMicros = now > this.#lastRunMicros ? now : this.#lastRunMicros + 1n;',
        to: 'this.#lastRunMicros = now;',
      },
    ],
  },
  {
    mistake: 'puts what is replayed in front of what is being tried',
    breaks: ['I4', 'I5', 'I7', 'I3', 'liveness', 'unexplained'],
    firstSeed: 179,
    changes: [
      {
        file: `${delivery}/window-queue.ts`,
        from: 'const at = this.#windows.findIndex((window, index) => !(isHeadTried && index === 0) && !staysInFront(window));',
        to: 'const at = this.#windows.length === 0 ? -1 : isHeadTried ? 0 : 0;',
      },
    ],
  },
  {
    mistake: 'unites what was replayed',
    breaks: ['I4'],
    changes: [
      {
        file: `${delivery}/window-queue.ts`,
        from: 'return maybeSeen === true || replayed === true;',
        to: 'return maybeSeen === true;',
      },
      {
        file: `${delivery}/outbox.ts`,
        from: 'this.#delivery !== undefined || this.queue.oldest?.replayed === true || !this.#hasInterval',
        to: 'this.#delivery !== undefined || !this.#hasInterval',
      },
    ],
  },
  {
    mistake: 'drops parked deliveries when it replays them',
    breaks: ['I3'],
    changes: [
      {
        file: `${delivery}/outbox.ts`,
        from: 'this.queue.putBack(batch, taken, this.#isHeadTried);',
        to: '',
      },
    ],
  },
  {
    mistake: 'bounds no backlog',
    breaks: ['I9'],
    changes: [{ file: `${delivery}/lane.ts`, from: 'const backlogLimit = 100;', to: 'const backlogLimit = 100_000;' }],
  },
  {
    mistake: 'drops what is beyond the backlog limit',
    breaks: ['I3'],
    changes: [
      {
        file: `${delivery}/window-queue.ts`,
        from: 'const window = rest.reduce((union, next) => uniteWindows(union, next.window), first.window);',
        to: 'const window = rest.slice(1).reduce((union, next) => uniteWindows(union, next.window), first.window);',
      },
    ],
  },
  {
    mistake: 'says what a receiver said as it is',
    breaks: ['I8'],
    changes: [
      {
        file: `${delivery}/make-attempt.ts`,
        from: "if ('reason' in outcome) return { ...outcome, reason: redactor.scrub(outcome.reason) };",
        to: "if ('reason' in outcome) return outcome;",
      },
    ],
  },
  {
    mistake: 'reads on from where it began, not from where it committed',
    breaks: ['rows', 'I1', 'unexplained', 'window', 'I4', 'I2'],
    changes: [
      {
        file: `${adapter}/trigger-session.ts`,
        from: 'return this.#runtimeCheckpoint?.position;',
        to: 'return undefined;',
      },
    ],
  },
  {
    mistake: 'looks nothing up that it merges',
    breaks: ['rows'],
    changes: [
      {
        file: `${adapter}/connected-endpoint.ts`,
        from: 'return this.#largestKeys?.mayBeStored(binding, packedKey) ?? true;',
        to: 'return (this.#largestKeys?.mayBeStored(binding, packedKey) ?? true) && packedKey < "";',
      },
    ],
  },
  {
    mistake: 'advises without having looked whether it is a zombie',
    breaks: ['unexplained'],
    firstSeed: 320,
    changes: [
      {
        file: `${adapter}/open-task.ts`,
        from: 'await state.write(new WriteBatch());\n  return error;',
        to: 'return error;',
      },
    ],
  },
  {
    mistake: 'removes outboxes that hold something when nobody is configured for them',
    breaks: ['I3'],
    changes: [
      {
        file: `${delivery}/plan-opening.ts`,
        from: 'if (isEmpty(outbox) && (!resting.has(outbox) || isNamesake)) return',
        to: 'if (outbox.parked.length === 0) return',
      },
    ],
  },
  {
    mistake: 'unites windows the wrong way round',
    breaks: ['I3', 'evidence', 'unexplained'],
    changes: [
      {
        file: `${delivery}/window-queue.ts`,
        from: 'uniteWindows(union, next.window), first.window);',
        to: 'uniteWindows(next.window, union), first.window);',
      },
    ],
  },
  {
    mistake: 'does not wait until what it takes is written',
    breaks: ['I4', 'rounds'],
    changes: [
      {
        file: `${delivery}/outbox.ts`,
        from: `await this.#state.write(batch);
    this.#delivery = untried;`,
        to: `void this.#state.write(batch).catch(() => undefined);
    this.#delivery = untried;`,
      },
    ],
  },
  {
    mistake: 'leaves the attempts of a delivery to the next one',
    breaks: ['records', 'rounds'],
    changes: [
      {
        file: `${delivery}/outbox.ts`,
        from: 'if (this.#delivery !== undefined) batch.delete(taskKeys.delivery(this.#id));',
        to: '',
      },
    ],
  },
  {
    mistake: 'leaves a message when it has followed it',
    breaks: ['I3', 'liveness', 'I9'],
    changes: [
      {
        file: `${delivery}/outbox.ts`,
        from: 'const batch = new WriteBatch().delete(messageKey);',
        to: 'const batch = new WriteBatch();',
      },
    ],
  },
  {
    mistake: 'removes a message before it follows it',
    breaks: ['I3'],
    changes: [
      {
        file: `${delivery}/outbox.ts`,
        from: 'const batch = new WriteBatch().delete(messageKey);',
        to: 'await this.#state.write(new WriteBatch().delete(messageKey)); const batch = new WriteBatch();',
      },
    ],
  },
  {
    mistake: 'replays whatever is parked',
    breaks: ['I3'],
    changes: [
      {
        file: `${delivery}/parked-deliveries.ts`,
        from: "keys === 'all' || keys.includes(idempotencyKey)",
        to: "keys === 'all' || keys.length > 0 || idempotencyKey === ''",
      },
    ],
  },
  {
    mistake: 'counts no attempts',
    breaks: ['rounds'],
    changes: [
      {
        file: `${delivery}/delivery-round.ts`,
        from: 'attempts: isOver ? 0 : attempt,',
        to: 'attempts: isOver ? 0 : before.attempts,',
      },
    ],
  },
  {
    mistake: 'makes one attempt too many',
    breaks: ['rounds'],
    changes: [
      {
        file: `${delivery}/delivery-round.ts`,
        from: 'attempt >= maxAttempts;',
        to: 'attempt > maxAttempts;',
      },
    ],
  },
  {
    mistake: 'tries again what was refused for good',
    breaks: ['rounds'],
    changes: [
      {
        file: `${delivery}/delivery-round.ts`,
        from: "const isOver = failed.outcome === 'rejected' || ",
        to: 'const isOver = ',
      },
    ],
  },
  {
    mistake: 'waits for nothing between two attempts',
    breaks: ['rounds'],
    changes: [
      {
        file: `${delivery}/lane-rounds.ts`,
        from: 'this.#turn.restart(after.waitMs);',
        to: '',
      },
    ],
  },
  {
    mistake: 'forgets over a restart that it has to wait',
    breaks: ['rounds'],
    changes: [
      {
        file: `${delivery}/lane-rounds.ts`,
        from: 'leftMs(stored.delivery ?? untried, context.clock)',
        to: '0 * leftMs(stored.delivery ?? untried, context.clock)',
      },
    ],
  },
  {
    mistake: 'asks again before the receiver wants it',
    breaks: ['rounds'],
    changes: [
      {
        file: `${delivery}/backoff.ts`,
        from: 'Math.max(jittered, Math.min(retryAfterMs, longestRetryAfterMs))',
        to: 'jittered',
      },
    ],
  },
  {
    mistake: 'counts the interval once only',
    breaks: ['interval'],
    changes: [
      {
        file: `${delivery}/lane.ts`,
        from: 'this.#interval.restart(this.trigger.intervalMs ?? 0);',
        to: '',
      },
    ],
  },
  {
    mistake: 'keeps waiting for a clock that was set back',
    breaks: ['interval'],
    changes: [
      {
        file: `${delivery}/plan-opening.ts`,
        from: 'return lastFired === undefined || lastFired.at <= now ?',
        to: 'return lastFired === undefined || lastFired.at <= now + 1e15 ?',
      },
    ],
  },
  {
    mistake: 'tells nobody that a lane has gone on',
    breaks: ['liveness'],
    changes: [
      {
        file: `${delivery}/lane-rounds.ts`,
        from: `this.#isHeld = false;
    this.#context.settling.notify();
  }

  #make`,
        to: `this.#isHeld = false;
  }

  #make`,
      },
    ],
  },
  {
    mistake: 'adopts what it holds already',
    breaks: ['I4', 'I3', 'commit'],
    changes: [
      {
        file: `${delivery}/plan-opening.ts`,
        from: 'if ([...outbox.windows, ...outbox.parked].some((known) => known.window.run_id === window.run_id)) return outbox;',
        to: '',
      },
    ],
  },
  {
    mistake: 'lets what was parked go with its outbox',
    breaks: ['I3'],
    firstSeed: 374,
    changes: [
      {
        file: `${delivery}/match-outboxes.ts`,
        from: 'return windows.length === 0 && parked.length === 0;',
        to: 'return windows.length === 0;',
      },
    ],
  },
  {
    mistake: 'takes what was staged for committed',
    breaks: ['I2', 'I1', 'I9', 'commit', 'unexplained'],
    changes: [
      {
        file: `${adapter}/staged-transactions.ts`,
        from: 'const committed = this.#committed ?? (await this.#find(number));',
        to: 'const committed = [...this.#staged.values()].at(-1);',
      },
    ],
  },
  {
    mistake: 'keeps every commit',
    breaks: ['I9'],
    changes: [
      {
        file: `${adapter}/trigger-session.ts`,
        from: 'put(key, record).delete(taskKeys.commit(this.#commitNumber));',
        to: 'put(key, record);',
      },
    ],
  },
  {
    mistake: 'ends before everything due is delivered',
    breaks: ['I1', 'I7'],
    changes: [
      {
        file: `${adapter}/commit-loop.ts`,
        from: `await interruption.orStopped(session.drained({ intervals: loop.drainIntervals }));
`,
        to: '',
      },
    ],
  },
  {
    mistake: 'stores documents before it is known which keys there may be',
    breaks: ['rows'],
    changes: [
      {
        file: `${adapter}/connected-endpoint.ts`,
        from: 'this.#largestKeys?.raise(batch, transactionId);',
        to: 'void transactionId;',
      },
    ],
  },
  {
    mistake: 'does not look up the largest key itself',
    breaks: ['rows'],
    changes: [
      {
        file: `${adapter}/largest-keys.ts`,
        from: 'if (packed <= tracked.record.largest) return true;',
        to: 'if (packed < tracked.record.largest) return true;',
      },
    ],
  },
  {
    mistake: 'opens a task while a session of the same process ends',
    breaks: ['I7'],
    firstSeed: 240,
    changes: [
      {
        file: `${adapter}/ending-sessions.ts`,
        from: 'tasks.set(task, ending);',
        to: '',
      },
    ],
  },
];
