import { type Receiver, type ReceiverResponse, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigurationStory, type Hook, type Hooks, type Outcome } from './configuration-changes-story.js';
import { type Change, changes } from './configuration-changes-table.js';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(async () => {
  await receiver.stop();
});

describe('between a run that left windows and the next one, somebody changes', () => {
  /** So many stories at a time: each has a process of its own. */
  const turns = [Promise.resolve(), Promise.resolve(), Promise.resolve()];

  test.concurrent.each(changes.map((change, index) => [change.what, change, index] as const))(
    '%s',
    async (_what, change, index) => {
      const turn = index % turns.length;
      const mine = turns[turn]?.then(() => tell(change, `/${index}`));
      turns[turn] = Promise.resolve(mine).catch(() => undefined);
      await mine;
    },
  );
});

async function tell(change: Change, prefix: string): Promise<void> {
  const story = await ConfigurationStory.begin(receiver, prefix);
  try {
    const first = await firstRun(story, change);
    for (const hook of hooksOf(change.after)) await story.respond(hook.url, [{ status: 200 }]);
    const second = await story.run(change.after);
    checkArrivals(change, second);
    checkOneToOne(first, second);
    checkWait(change, first, second);
    await checkLeft(change, second, story);
  } finally {
    await story.remove();
  }
}

/** The first transaction is delivered everywhere. The second one fails, is parked, or waits for an interval. */
async function firstRun(story: ConfigurationStory, { before, lifts }: Change): Promise<Outcome> {
  const hooks = hooksOf(before);
  const isKilled = lifts === undefined && hooks.some(isBlocking);
  const failed: ReceiverResponse = lifts ? { status: 503, headers: { 'retry-after': '600' } } : { status: 503 };
  for (const { url } of hooks) {
    const here = hooks.filter((hook) => hook.url === url);
    const delivered = here.map(() => ({ status: 200 }));
    const second: ReceiverResponse = here.some(isBlocking) ? (isKilled ? { hang: true } : failed) : { status: 400 };
    await story.respond(url, [...delivered, second]);
  }
  await story.edit(before);
  await story.addDays(2);
  const counts = hooks.map(({ url }) => [url, hooks.filter((hook) => hook.url === url).length * 2] as const);
  const isParking = ({ onFailure }: Hook): boolean => onFailure === 'park';
  const first = isKilled
    ? await story.runAndKill(
        Object.fromEntries(counts.filter(([path]) => hooks.some((hook) => hook.url === path && !isHourly(hook)))),
        hooks.filter(isParking).length,
      )
    : await story.runAsItIs();
  const expectedCode = hooks.some(isBlocking) ? 1 : hooks.some(isParking) ? 3 : 0;
  expect(first.result.exitCode, first.result.stderr).toBe(isKilled ? null : expectedCode);
  // Exactly one window in every outbox, under the key with which it was attempted.
  expect(first.left).toHaveLength(hooks.length);
  for (const { windows, parked } of first.outboxes) expect([...windows, ...parked]).toHaveLength(1);
  const attempted = [...first.requests.values()].flat().map(({ idempotencyKey }) => idempotencyKey);
  for (const [index, hook] of hooks.entries()) {
    const { windows = [], parked = [] } = first.outboxes[index] ?? {};
    const key = [...windows, ...parked][0]?.idempotencyKey;
    if (isHourly(hook)) expect(attempted).not.toContain(key);
    else expect(attempted).toContain(key);
  }
  return first;
}

function checkArrivals({ after, arrived, request }: Change, second: Outcome): void {
  // Between two triggers on one URL there is no order.
  const shared = hooksOf(after).map(({ url }) => url);
  const found = Object.entries(second.arrived).map(([path, text]) => {
    const isShared = shared.filter((url) => url === path).length > 1;
    return [path, isShared ? text.split(' ').sort().join(' ') : text] as const;
  });
  expect(Object.fromEntries(found), second.result.stderr).toEqual(arrived);
  for (const one of [...second.requests.values()].flat()) expect(one).toMatchObject(request ?? {});
}

/** Nothing is lost, and nothing goes to two triggers: what waited has arrived once, or is still there once. */
function checkOneToOne(first: Outcome, second: Outcome): void {
  const keysIn = ({ outboxes }: Outcome): Array<string | undefined> =>
    outboxes.flatMap(({ windows, parked }) => [...windows, ...parked].map(({ idempotencyKey }) => idempotencyKey));
  const after = [
    ...[...second.requests.values()].flat().map(({ idempotencyKey }) => idempotencyKey),
    ...keysIn(second),
  ];
  for (const key of keysIn(first)) expect(after.filter((one) => one === key)).toEqual([key]);
  expect(new Set(after).size).toBe(after.length);
}

/** A wait that was not lifted would be ten minutes long. */
function checkWait({ lifts }: Change, first: Outcome, second: Outcome): void {
  if (lifts === undefined) return;
  for (const { windows, delivery } of first.outboxes) {
    const requests = [...second.requests.values()].flat();
    const again = requests.find(({ idempotencyKey }) => idempotencyKey === windows[0]?.idempotencyKey);
    if (delivery === undefined || again === undefined) continue;
    if (lifts) expect(again.at).toBeLessThan(delivery.notBeforeAt ?? 0);
    else expect(again.at).toBeGreaterThanOrEqual(delivery.notBeforeAt ?? Number.POSITIVE_INFINITY);
  }
}

async function checkLeft({ after, left = [] }: Change, second: Outcome, story: ConfigurationStory): Promise<void> {
  const { result, outboxes } = second;
  expect(second.left).toEqual(left);
  const alone = outboxes.filter(({ about }) => !about.hasPartner);
  expect(outboxes).toHaveLength(hooksOf(after).length + alone.length);
  const parking = outboxes.filter(({ parked }) => parked.length > 0);
  // What is parked counts, also where no trigger is configured any more.
  expect(result.exitCode, result.stderr).toBe(parking.length > 0 ? 3 : 0);
  const [opened] = result.events;
  expect(opened).toMatchObject({
    event: 'opened',
    withoutPartner: alone.map(({ about, windows, parked }) => ({
      outbox: about.name,
      waiting: windows.length,
      parked: parked.length,
    })),
  });
  if (alone.length === 0) return;
  const status = await story.status();
  for (const { about } of alone) {
    expect(result.stderr).toContain(`outbox "${about.name}" holds 1 `);
    expect(status).toContain(`${about.name}: has no trigger any more, and keeps `);
  }
}

function hooksOf(hooks: Hooks): Hook[] {
  return Object.values(hooks ?? {});
}

function isHourly({ interval }: Hook): boolean {
  return interval !== undefined;
}

function isBlocking(hook: Hook): boolean {
  return !isHourly(hook) && hook['onFailure'] !== 'park';
}
