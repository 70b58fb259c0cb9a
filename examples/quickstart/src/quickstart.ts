/**
 * Runs the spec beside this folder, `weather.yaml`, on real data, with three triggers to a receiver in a process of its own;
 * kills it with SIGKILL between a commit and its clear; starts it again; and lets the receiver say what arrived.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { type Run, startRun } from './aftercommit-process.js';
import { countRows, summarize } from './evidence.js';
import { intro, killedLine, restartedLine, samplePayload, Timetable, verdict } from './screen.js';

const triggers = ['slack', 'dbt', 'airflow'];

/** The dbt receiver takes this delivery and never answers: at that moment the run is killed. */
const fatalCommit = 3;

/** So many requests the airflow receiver refuses, before it takes any. */
const refusals = 2;

const data = fileURLToPath(import.meta.resolve('@aftercommit-examples/embed-in-your-loop/data/seattle-weather.ndjson'));
const folder = await mkdtemp(join(tmpdir(), 'aftercommit-quickstart-'));
const receiver = await startReceiver();
try {
  process.exitCode = await demonstrate(folder, receiver);
} finally {
  await receiver.stop();
  await rm(folder, { recursive: true });
}

async function demonstrate(directory: string, target: Receiver): Promise<number> {
  const spec = await prepare(directory, target.url);
  await target.respond('/airflow', [...Array.from({ length: refusals }, () => ({ status: 503 })), { status: 200 }]);
  await target.respond('/dbt', [...Array.from({ length: fatalCommit - 1 }, () => ({ status: 200 })), { hang: true }]);
  intro(target.url);

  const timetable = new Timetable(triggers);
  const first = startRun(spec, (event) => timetable.show(event));
  await untilBetweenCommitAndClear(first, target);
  first.process.kill('SIGKILL');
  await first.ended;
  timetable.flush();
  killedLine(fatalCommit);

  await target.respond('/dbt', [{ status: 200 }]);
  const second = startRun(spec, (event) => {
    if (event.event === 'opened') restartedLine(event.leftOver);
    timetable.show(event);
  });
  const exitCode = await second.ended;
  timetable.flush();
  if (exitCode !== 0) return 1;

  const requests = await target.requests();
  samplePayload('slack', requests.find(({ path }) => path === '/slack')?.body ?? '');
  const evidence = summarize(requests, triggers, { airflow: refusals });
  return verdict(evidence, countRows(join(directory, 'weather.db'))) ? 0 : 1;
}

/** The spec in a folder where it may make its databases; its triggers call this receiver. */
async function prepare(directory: string, receiverUrl: string): Promise<string> {
  const spec = join(directory, 'weather.yaml');
  const text = await readFile(new URL('../weather.yaml', import.meta.url), 'utf8');
  await writeFile(
    spec,
    text
      .replaceAll('http://localhost:8080', receiverUrl)
      .replace('../embed-in-your-loop/data/seattle-weather.ndjson', JSON.stringify(data)),
  );
  return spec;
}

/** The commit is durable, dbt's receiver has the payload, its siblings are cleared: the worst moment to die. */
async function untilBetweenCommitAndClear(run: Run, target: Receiver): Promise<void> {
  const siblings = triggers.filter((name) => name !== 'dbt');
  const reached = Promise.all([
    target.waitFor(fatalCommit, '/dbt'),
    ...siblings.map((name) => run.delivered(name, fatalCommit)),
  ]);
  const failed = run.ended.then((code) => {
    throw new Error(`aftercommit ended with exit code ${code} before it could be killed.`);
  });
  await Promise.race([reached, failed]);
}
