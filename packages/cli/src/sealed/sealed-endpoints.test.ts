import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { recipient, sealingBench, weather } from '../../test/sealing.js';

const postgres = {
  address: 'db.example.com',
  database: 'weather',
  user: 'app',
  password: 'hunter2-app',
  tls: { ca: 'ours', key: 'hunter2-key' },
};
const inPostgres = weather.replace('{ sqlite: { path: weather.db } }', JSON.stringify({ postgres }));
const seal = ['seal', 'weather.yaml', '--age', recipient];

test('the password and the key of a PostgreSQL endpoint are sealed, checked and opened', async () => {
  const { run, read } = sealingBench(inPostgres.replace(/ {4}triggers:[\s\S]*# until here\n/, ''));
  expect((await run(seal)).stdout).toBe('The endpoint configuration of acmeCo/views/weather is sealed: 2 secrets.\n');
  expect(read()).not.toContain('hunter2');
  const { password: _, tls, ...plain } = postgres;
  const { endpoint } = parse(read()).materializations['acmeCo/views/weather'];
  expect(endpoint.postgres).toMatchObject({
    ...plain,
    password_sops: expect.stringMatching(/^ENC/),
    tls: { ca: tls.ca, key_sops: expect.stringMatching(/^ENC/) },
  });
  expect((await run(['unseal', 'weather.yaml', '--check'])).exitCode).toBe(0);
  expect(parse((await run(['unseal', 'weather.yaml'])).stdout)).toEqual(postgres);
  expect((await run(['validate', 'weather.yaml'])).stdout).toContain('its seals are intact');
  expect((await run(['validate', 'weather.yaml'], { key: null })).exitCode).toBe(0);
});

test('the password is opened for no other server than the one that it was sealed for', async () => {
  const { run, read, write } = sealingBench(inPostgres);
  await run(seal);
  write(read().replace('db.example.com', 'evil.example.com'));
  for (const command of ['unseal', 'run']) {
    const { exitCode, stdout, stderr } = await run([command, 'weather.yaml']);
    expect([exitCode === 0, stdout]).toEqual([false, '']);
    expect(stderr).toContain('was changed after');
  }
});

test('endpoint and triggers of one materialization are printed together', async () => {
  const { run } = sealingBench(inPostgres);
  await run(seal);
  const { triggers } = parse(inPostgres).materializations['acmeCo/views/weather'];
  for (const named of [[], ['acmeCo/views/weather']]) {
    const { stdout } = await run(['unseal', 'weather.yaml', ...named]);
    expect(parse(stdout)).toEqual({ endpoint: postgres, triggers });
  }
});
