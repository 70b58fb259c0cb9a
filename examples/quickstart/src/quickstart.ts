/**
 * Runs the pipeline of `examples/embed-in-your-loop` on real data, with three triggers to a receiver in a process of its
 * own; kills it with SIGKILL between a commit and its clear; starts it again; and lets the receiver say what arrived.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { countRows, summarize } from './evidence.js';
import { type Pipeline, startPipeline } from './pipeline-process.js';
import { intro, killedLine, restartedLine, samplePayload, Timetable, verdict } from './screen.js';
import { triggerNames, triggersFor } from './triggers.js';

/** The dbt receiver takes this delivery and never answers: at that moment the pipeline is killed. */
const fatalCommit = 3;

/** So many requests the airflow receiver refuses, before it takes any. */
const refusals = 2;

const folder = await mkdtemp(join(tmpdir(), 'aftercommit-quickstart-'));
const receiver = await startReceiver();
try {
  process.exitCode = await demonstrate(folder, receiver);
} finally {
  await receiver.stop();
  await rm(folder, { recursive: true });
}

async function demonstrate(directory: string, target: Receiver): Promise<number> {
  const files = { database: join(directory, 'weather.db'), triggers: join(directory, 'triggers.json') };
  await writeFile(files.triggers, JSON.stringify(triggersFor(target.url), null, 2));
  await target.respond('/airflow', [...Array.from({ length: refusals }, () => ({ status: 503 })), { status: 200 }]);
  await target.respond('/dbt', [...Array.from({ length: fatalCommit - 1 }, () => ({ status: 200 })), { hang: true }]);
  intro(target.url);

  const timetable = new Timetable(triggerNames);
  const first = startPipeline(files, (event) => timetable.show(event));
  await untilBetweenCommitAndClear(first, target);
  first.process.kill('SIGKILL');
  await first.ended;
  timetable.flush();
  killedLine(fatalCommit);

  await target.respond('/dbt', [{ status: 200 }]);
  const second = startPipeline(files, (event) => {
    if (event.event === 'opened') restartedLine(event.leftOver);
    timetable.show(event);
  });
  const exitCode = await second.ended;
  timetable.flush();
  if (exitCode !== 0) return 1;

  const requests = await target.requests();
  samplePayload('slack', requests.find(({ path }) => path === '/slack')?.body ?? '');
  const evidence = summarize(requests, triggerNames, { airflow: refusals });
  return verdict(evidence, countRows(files.database)) ? 0 : 1;
}

/** The commit is durable, dbt's receiver has the payload, its siblings are cleared: the worst moment to die. */
async function untilBetweenCommitAndClear(pipeline: Pipeline, target: Receiver): Promise<void> {
  const siblings = triggerNames.filter((name) => name !== 'dbt');
  const reached = Promise.all([
    target.waitFor(fatalCommit, '/dbt'),
    ...siblings.map((name) => pipeline.delivered(name, fatalCommit)),
  ]);
  const failed = pipeline.ended.then((code) => {
    throw new Error(`The pipeline ended with exit code ${code} before it could be killed.`);
  });
  await Promise.race([reached, failed]);
}
