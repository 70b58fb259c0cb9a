import { symlinkSync } from 'node:fs';
import type { Attempt, AttemptOutcome, Trigger } from '@aftercommit/registry';
import { ManualClock, sampleAttempt, sampleEnvironment } from '@aftercommit/testkit';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { isRunning, Programs } from '../test/programs.js';
import type { CommandConfig } from './command-config.js';
import { commandKind } from './command-kind.js';

const programs = new Programs();
const opened: Trigger[] = [];
afterAll(() => programs.remove());
afterEach(async () => {
  for (const trigger of opened.splice(0)) await trigger.close?.();
});

const rejectCodes = commandKind({ allow: [] }).configSchema.properties.rejectCodes as unknown as { default: number[] };

async function open(config: CommandConfig, given: { allow?: string[]; clock?: ManualClock } = {}): Promise<Trigger> {
  const kind = commandKind({
    allow: given.allow ?? [`${programs.folder}/`],
    environment: { PATH: process.env['PATH'], HOME: '/home/of-tests', LANG: 'C.UTF-8', PGPASSWORD: 's3cret' },
  });
  const complete = { rejectCodes: rejectCodes.default, ...config };
  const trigger = await kind.open(complete, sampleEnvironment({ ...(given.clock && { clock: given.clock }) }));
  opened.push(trigger);
  return trigger;
}

async function attempt(config: CommandConfig, given: Partial<Attempt> = {}): Promise<AttemptOutcome> {
  return (await open(config)).attempt(sampleAttempt(given));
}

function until(isSo: () => boolean): Promise<unknown> {
  return vi.waitUntil(isSo, { interval: 2, timeout: 10_000 });
}

describe('what a program is given', () => {
  test('is its arguments as they stand, a few variables, its folder and the payload', async () => {
    const program = programs.node(
      'given.mjs',
      `import { writeFileSync, readFileSync } from 'node:fs';
      const [,, ...args] = process.argv;
      const payload = readFileSync(0, 'utf8');
      writeFileSync(process.env.OUT, JSON.stringify({ args, env: process.env, cwd: process.cwd(), payload }));`,
    );
    const args = ['$HOME', '`id`', '; exit 1', '', '"', '{{run_id}}', '*'];
    const env = { OUT: programs.path('given.json'), TZ: 'Asia/Kathmandu' };
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const given = { idempotencyKey: 'msg_1', number: 3, epoch: 7n, payload: '{"a":"é🐙"} \n', traceparent };
    expect(await attempt({ program, args, env, cwd: programs.folder }, given)).toEqual({ outcome: 'delivered' });
    expect(JSON.parse(programs.read('given.json'))).toEqual({
      args,
      env: {
        PATH: process.env['PATH'],
        HOME: '/home/of-tests',
        LANG: 'C.UTF-8',
        ...env,
        AFTERCOMMIT_IDEMPOTENCY_KEY: 'msg_1',
        AFTERCOMMIT_ATTEMPT: '3',
        AFTERCOMMIT_EPOCH: '7',
        AFTERCOMMIT_MATERIALIZATION: 'acme/orders',
        AFTERCOMMIT_RUN_ID: '2024-06-15T12:30:00.000000Z',
        TRACEPARENT: traceparent,
      },
      cwd: programs.folder,
      payload: given.payload,
    });
  });

  test('is told of a test, and of nothing else', async () => {
    const program = programs.sh('test.sh', `echo "\${AFTERCOMMIT_TEST-unset}" >> '${programs.folder}/told'`);
    await attempt({ program }, { isTest: true });
    await attempt({ program });
    expect(programs.read('told')).toBe('true\nunset\n');
  });

  test('is a payload of 10 MB, byte by byte', async () => {
    const program = programs.sh('digest.sh', `sha256sum > '${programs.folder}/digest'`);
    const payload = JSON.stringify({ filling: 'é🐙'.repeat(1_750_000) });
    expect(await attempt({ program }, { payload })).toEqual({ outcome: 'delivered' });
    const digest = await crypto.subtle.digest('SHA-256', Buffer.from(payload));
    expect(programs.read('digest').slice(0, 64)).toBe(Buffer.from(digest).toString('hex'));
  });

  test('may be left unread: the exit code decides', async () => {
    const payload = JSON.stringify('x'.repeat(10_000_000));
    expect(await attempt({ program: programs.sh('zero.sh', 'exit 0') }, { payload })).toEqual({ outcome: 'delivered' });
    const closing = programs.sh('closing.sh', 'exec 0<&- 1>&- 2>&-; exit 4');
    expect(await attempt({ program: closing }, { payload })).toMatchObject({ outcome: 'retry' });
  });
});

describe('how a program ended', () => {
  test.each([
    [0, 'delivered'],
    [1, 'retry'],
    [2, 'retry'],
    [64, 'rejected'],
    [65, 'rejected'],
    [69, 'retry'],
    [75, 'retry'],
    [78, 'rejected'],
    [126, 'rejected'],
    [127, 'rejected'],
    [255, 'retry'],
  ])('with exit code %i is %s', async (code, outcome) => {
    const program = programs.sh('exit.sh', `exit ${code}`);
    const expected =
      outcome === 'delivered' ? { outcome } : { outcome, reason: `exit.sh ended with exit code ${code}` };
    expect(await attempt({ program })).toEqual(expected);
  });

  test('is rejected for the codes that are configured, and for no others', async () => {
    const program = programs.sh('exit-arg.sh', 'exit $1');
    expect(await attempt({ program, args: ['3'], rejectCodes: [3] })).toMatchObject({ outcome: 'rejected' });
    expect(await attempt({ program, args: ['64'], rejectCodes: [3] })).toMatchObject({ outcome: 'retry' });
  });

  test('is tried again when a signal ended it', async () => {
    const outcome = await attempt({ program: programs.sh('killed.sh', 'kill -9 $$') });
    expect(outcome).toEqual({ outcome: 'retry', reason: 'killed.sh was ended by SIGKILL' });
  });

  test('comes with the end of its errors, or of its output when there are none', async () => {
    const both = programs.sh('both.sh', 'echo fine; echo "no  such\ttable" >&2; echo line 2 >&2; exit 1');
    expect(await attempt({ program: both })).toMatchObject({
      reason: 'both.sh ended with exit code 1: "no  such table line 2"',
    });
    const out = programs.sh('out.sh', 'echo fine; exit 1');
    expect(await attempt({ program: out })).toMatchObject({ reason: 'out.sh ended with exit code 1: "fine"' });
  });

  test('is told whatever it writes, and only the end of it is kept', async () => {
    const program = programs.node(
      'flood.mjs',
      `import { writeSync } from 'node:fs';
      const line = 'x'.repeat(1023) + '\\n';
      const all = (fd) => { for (let kib = 0; kib < 20_000; kib += 1) write(fd, line); };
      const write = (fd, text) => { try { writeSync(fd, text); } catch (error) { if (error.code !== 'EAGAIN') throw error; write(fd, text); } };
      all(1); all(2); write(2, 'the end'); process.exit(5);`,
    );
    const outcome = await attempt({ program });
    expect(outcome.outcome).toBe('retry');
    const { reason } = outcome as { reason: string };
    expect(reason).toMatch(/^flood\.mjs ended with exit code 5: "…x+ .* the end"$/);
    expect(reason.length).toBeLessThan(4200);
  });
});

describe('a program that cannot be started', () => {
  test.each([
    ['is not there', () => programs.path('missing'), /does not exist/],
    ['may not be executed', () => programs.script('plain.txt', 'text', 0o644), /may not execute/],
    ['is below what is no folder', () => `${programs.sh('file.sh', '')}/below`, /no folder/],
    ['has an interpreter that is not there', () => programs.script('no.sh', '#!/no/such\n'), /interpreter/],
  ])('is rejected: one that %s', async (_what, path, reason) => {
    const program = path();
    // By its own path: nothing is asked of the disk before it is started.
    for (const allow of [[program], [`${programs.folder}/`]]) {
      const trigger = await open({ program }, { allow });
      const outcome = await trigger.attempt(sampleAttempt());
      expect(outcome).toMatchObject({ outcome: 'rejected', reason: expect.stringMatching(reason) });
    }
  });

  test('is rejected: one whose cwd is not there', async () => {
    const program = programs.sh('somewhere.sh', 'exit 0');
    const outcome = await attempt({ program, cwd: programs.path('nowhere') });
    expect(outcome).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining('cwd does not exist') });
  });
});

describe('a program that nobody allowed', () => {
  test('opens no trigger, whoever opens it', async () => {
    await expect(open({ program: '/bin/true' })).rejects.toMatchObject({
      code: 'COMMAND_REFUSED',
      message: expect.stringContaining('--allow-command /bin/true'),
    });
  });

  test('is not run through a link in an allowed folder, unless it is allowed itself', async () => {
    const outside = new Programs();
    const target = outside.sh('outside.sh', `touch '${outside.folder}/ran'`);
    const program = programs.path('link.sh');
    symlinkSync(target, program);
    const inFolder = await open({ program });
    expect(await inFolder.attempt(sampleAttempt())).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringContaining(`is a link to ${target}`),
    });
    expect(outside.has('ran')).toBe(false);
    for (const allow of [[program], [`${programs.folder}/`, target]]) {
      const allowed = await open({ program }, { allow });
      expect(await allowed.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
    }
    outside.remove();
  });

  test('is run in a folder that is itself a link', async () => {
    const outside = new Programs();
    outside.sh('inside.sh', 'exit 0');
    symlinkSync(outside.folder, programs.path('folder'));
    const program = programs.path('folder/inside.sh');
    const trigger = await open({ program }, { allow: [`${programs.path('folder')}/`] });
    expect(await trigger.attempt(sampleAttempt())).toEqual({ outcome: 'delivered' });
    outside.remove();
  });
});

describe('an attempt that is aborted', () => {
  /** Ignores every signal it can, and so does its child, whose pids it writes down. */
  const stubborn = (name: string) =>
    programs.sh(
      name,
      `trap '' TERM INT HUP
sh -c 'trap "" TERM INT HUP; while :; do sleep 1; done' &
echo "$$ $!" > '${programs.folder}/${name}.part'; mv '${programs.folder}/${name}.part' '${programs.folder}/${name}.pids'
while :; do sleep 1; done`,
    );
  const pidsOf = (name: string) => programs.read(`${name}.pids`).trim().split(' ').map(Number);

  test('settles at once, and every process of its program ends', async () => {
    const deadlineAt = Date.UTC(2024, 0, 1);
    const controller = new AbortController();
    const attempting = attempt({ program: stubborn('late.sh') }, { signal: controller.signal, deadlineAt });
    await until(() => programs.has('late.sh.pids'));
    const pids = pidsOf('late.sh');
    expect(pids.map(isRunning)).toEqual([true, true]);
    controller.abort();
    expect(await attempting).toEqual({
      outcome: 'retry',
      reason: 'late.sh was ended: it did not end within the timeout',
    });
    await until(() => !pids.some(isRunning));
  });

  test('starts nothing when it was aborted before', async () => {
    const program = programs.sh('never.sh', `touch '${programs.folder}/never'`);
    expect(await attempt({ program }, { signal: AbortSignal.abort() })).toMatchObject({ outcome: 'retry' });
    expect(programs.has('never')).toBe(false);
  });

  test('starts nothing when it is aborted while its program is looked at', async () => {
    const program = programs.sh('never-2.sh', `touch '${programs.folder}/never-2'`);
    const controller = new AbortController();
    const attempting = attempt({ program }, { signal: controller.signal });
    controller.abort();
    expect(await attempting).toMatchObject({ outcome: 'retry' });
    expect(programs.has('never-2')).toBe(false);
  });

  test('ends with its trigger, when that is closed', async () => {
    const trigger = await open({ program: stubborn('closed.sh') });
    const attempting = trigger.attempt(sampleAttempt());
    await until(() => programs.has('closed.sh.pids'));
    const pids = pidsOf('closed.sh');
    await trigger.close?.();
    expect(await attempting).toMatchObject({ outcome: 'retry', reason: expect.stringContaining('was closed') });
    await until(() => !pids.some(isRunning));
    expect(await trigger.attempt(sampleAttempt())).toMatchObject({ outcome: 'retry' });
  });

  test('leaves no listener on its signal', async () => {
    const { signal } = new AbortController();
    let listening = 0;
    const counted = Object.create(signal, {
      aborted: { value: false },
      addEventListener: { value: () => (listening += 1) },
      removeEventListener: { value: () => (listening -= 1) },
    }) as AbortSignal;
    await attempt({ program: programs.sh('quick.sh', 'exit 0') }, { signal: counted });
    expect(listening).toBe(0);
  });
});

describe('what a program leaves behind', () => {
  const leaving = (name: string, code: number, start = '') =>
    programs.sh(
      name,
      `${start} sleep 60 &
echo $! > '${programs.folder}/${name}.pid'
echo done >&2
exit ${code}`,
    );
  const pidOf = (name: string) => Number(programs.read(`${name}.pid`));

  test('holds up no attempt with the output that it keeps open, and runs on after a success', async () => {
    expect(await attempt({ program: leaving('daemon.sh', 0) })).toEqual({ outcome: 'delivered' });
    const pid = pidOf('daemon.sh');
    expect(isRunning(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  test('ends with an attempt that failed, so that it does not meet the next one', async () => {
    expect(await attempt({ program: leaving('failed.sh', 1) })).toMatchObject({ outcome: 'retry' });
    await until(() => !isRunning(pidOf('failed.sh')));
  });

  test('holds up a failed attempt only for a moment when it left the process group', async () => {
    const clock = new ManualClock();
    const trigger = await open({ program: leaving('left.sh', 1, 'setsid') }, { clock });
    const attempting = trigger.attempt(sampleAttempt());
    const { durationMs } = await clock.nextSleep();
    await clock.advance(durationMs);
    expect(await attempting).toMatchObject({ outcome: 'retry' });
    // The sleep that `setsid` became, or `setsid` itself.
    process.kill(pidOf('left.sh'), 'SIGKILL');
  });
});
