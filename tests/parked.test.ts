import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aftercommit, startAftercommit } from './aftercommit-run.js';
import { WeatherSpec } from './weather-spec.js';

let receiver: Receiver;
let spec: WeatherSpec;

beforeAll(async () => {
  receiver = await startReceiver();
  spec = await WeatherSpec.create();
});

afterAll(async () => {
  await spec.remove();
  await receiver.stop();
});

test('what one process has parked is replayed by another, because a third asked for it', async () => {
  const payloadTemplate = '{"run": "{{run_id}}"}';
  await spec.write({ dbt: { url: `${receiver.url}/dbt`, payloadTemplate, onFailure: 'park' } }, { maxDocs: 1 });
  await spec.addDays(1, 3);
  await receiver.respond('/dbt', [{ status: 400 }, { status: 200 }]);
  const first = await spec.run();
  expect([first.exitCode, first.events.at(-1)]).toMatchObject([3, { event: 'ended', parked: { dbt: 1 } }]);
  expect(spec.days()).toEqual([1, 2, 3]);

  // What waited behind the first was perhaps united.
  const before = (await receiver.requests('/dbt')).length;

  let opened = (): void => undefined;
  const isOpen = new Promise<void>((resolve) => (opened = resolve));
  const onEvent = ({ event }: { event: string }): void => {
    if (event === 'opened') opened();
  };
  const running = startAftercommit(['run', spec.path, '--json', '--follow'], { onEvent });
  await isOpen;
  const asked = await aftercommit(['parked', 'replay', spec.path, '--all']);
  expect(asked).toMatchObject({ exitCode: 0, stderr: '' });
  expect(asked.stdout).toContain('replay 1 delivery of dbt: taken by the run that goes on');

  await receiver.waitFor(before + 1, '/dbt');
  running.process.kill('SIGTERM');
  expect((await running.ended).exitCode).toBe(0);
  const keys = (await receiver.requests('/dbt')).map(({ idempotencyKey }) => idempotencyKey);
  expect(keys).toHaveLength(before + 1);
  expect(keys.at(-1)).toBe(keys[0]);
  expect(await aftercommit(['parked', 'list', spec.path])).toMatchObject({
    exitCode: 0,
    stdout: 'Nothing is parked.\n',
  });
});
