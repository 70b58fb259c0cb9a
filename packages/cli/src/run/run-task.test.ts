import { MemoryStore } from '@aftercommit/persistence';
import { egressGuard } from '@aftercommit/registry';
import type { ConnectorKind, MaterializationOptions } from '@aftercommit/runtime-adapter';
import { expect, test } from 'vitest';
import { testIo } from '../../test/command-line-bench.js';
import { JsonLines } from '../progress/json-lines.js';
import { TaskWatch } from '../progress/task-watch.js';
import { Output } from '../terminal/output.js';
import { connectors } from '../validate/spec-file.js';
import { runTask } from './run-task.js';
import type { RunnableTask } from './runnable-tasks.js';

const [sqlite] = connectors as [ConnectorKind];
const secret = '0f1e2d3c4b5a';

/** A kind with a bug. */
const broken: ConnectorKind = {
  ...sqlite,
  connect: () => {
    throw new TypeError(`cannot read ${secret}`);
  },
};

const task = {
  name: 'acmeCo/weather',
  connectorImage: '',
  endpoint: { kind: broken, config: {} },
  isDisabled: false,
  bindings: [],
  sources: new Map(),
  transactions: { maxDocs: 1, minDurationMs: 0, maxDurationMs: 1_000 },
  triggers: [],
} satisfies RunnableTask;

test('a bug is told once, shown with its trace, and quotes no secret', async () => {
  const io = testIo('/');
  const presenter = new JsonLines({
    stdout: new Output(io.stdout),
    stderr: new Output(io.stderr),
    command: 'aftercommit run spec.yaml',
  });
  const { signal: stop } = new AbortController();
  const leaky: RunnableTask = { ...task, triggers: [{ secrets: [secret] } as RunnableTask['triggers'][number]] };
  const watch = new TaskWatch(leaky, { presenter, clock: io.clock, stop });
  const asked = {
    isFollowing: false,
    isEndpointAccepted: false,
    isDraining: false,
    isRetryingNow: false,
    attemptSlots: undefined,
    egress: egressGuard(),
  };
  const decorate = (options: MaterializationOptions) => options;
  const around = { store: new MemoryStore(), directory: '/', decorate, ...asked };
  const result = await runTask(leaky, watch, { ...around, io, presenter, stop });
  expect(result).toEqual({ result: 'failed', code: 'UNEXPECTED' });
  expect(io.stdout.objects).toEqual([expect.objectContaining({ event: 'failed', code: 'UNEXPECTED' })]);
  const [line, ...trace] = io.stderr.text.split('\n');
  expect(line).toBe('acmeCo/weather: failed: UNEXPECTED: cannot read [redacted]');
  expect(trace.join('\n')).toMatch(/^acmeCo\/weather: TypeError: cannot read \[redacted\]\n +at /);
  expect(`${io.stdout.text}${io.stderr.text}`).not.toContain(secret);
});
