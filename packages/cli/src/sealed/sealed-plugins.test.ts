import { expect, test } from 'vitest';
import { recipient, sealingBench, weather } from '../../test/sealing.js';

const pager = `export const pager = {
  contractVersion: 1,
  kind: 'pager',
  configSchema: {
    type: 'object',
    required: ['room', 'token'],
    properties: { room: { type: 'string' }, token: { type: 'string', secret: true } },
  },
  describeTarget: ({ room }) => 'pager:' + room,
  open: async () => ({ attempt: async () => ({ outcome: 'delivered' }) }),
};`;

const paged = weather.replace(/ {8}# the team[\s\S]*?# until here/, (): string => {
  return `        night: { kind: pager, room: cellar, token: hunter2-pager, payloadTemplate: '{}' }\n      # until here`;
});
const set = ['set', 'weather.yaml', 'acmeCo/views/weather', 'night', 'token'];
const plugged = ['--plugin', './pager.mjs'];

function bench(more = '') {
  const made = sealingBench(`${more}${paged}`);
  made.write(pager, 'pager.mjs');
  return made;
}

test('secrets of a kind of a plugin are sealed, set, checked and opened with the plugin', async () => {
  const { run, read } = bench();
  expect(await run(['seal', 'weather.yaml', '--age', recipient, ...plugged])).toMatchObject({
    exitCode: 0,
    stdout: 'The triggers configuration of acmeCo/views/weather is sealed: 1 secret.\n',
  });
  expect(read()).not.toContain('hunter2');
  expect(await run([...set, ...plugged], { input: 'hunter3' })).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await run(['unseal', 'weather.yaml', '--check', ...plugged])).exitCode).toBe(0);
  expect((await run(['unseal', 'weather.yaml', ...plugged])).stdout).toContain('token: hunter3');
  expect((await run(['validate', 'weather.yaml', ...plugged])).stdout).toContain('is valid');
  expect((await run(['validate', 'weather.yaml', ...plugged], { key: null })).stdout).toContain('is valid');
  expect(await run(['run', 'weather.yaml', ...plugged])).toMatchObject({ exitCode: 0, stderr: '' });
});

test('without the plugin the kind is unknown, sealed or not', async () => {
  const { run } = bench();
  expect((await run(['seal', 'weather.yaml', '--age', recipient])).stderr).toContain('CONFIG_UNKNOWN_KIND');
  await run(['seal', 'weather.yaml', '--age', recipient, ...plugged]);
  expect(await run(['unseal', 'weather.yaml'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^SECRETS_KIND_UNKNOWN: .*\/config\/night/),
  });
});

test('a plugin that the spec lists is loaded when it is allowed, and said to be refused otherwise', async () => {
  const { run } = bench('plugins: [./pager.mjs]\n');
  expect((await run(['seal', 'weather.yaml', '--age', recipient, '--allow-plugins'])).exitCode).toBe(0);
  for (const command of [['unseal', 'weather.yaml'], set, ['run', 'weather.yaml']]) {
    const refused = await run(command, { input: 'hunter3' });
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('PLUGIN_NOT_ALLOWED');
    expect(refused.stderr).not.toContain('KIND_UNKNOWN');
    expect(await run([...command, '--allow-plugins'], { input: 'hunter3' })).toMatchObject({ exitCode: 0, stderr: '' });
  }
});
