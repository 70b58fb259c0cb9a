import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';
import { kindFlags } from './kind-options.js';

let receiver: Receiver;
let folder: string;
let io: TestIo;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(async () => {
  await receiver.stop();
});

beforeEach(async () => {
  await receiver.clear();
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-cli-'));
  io = testIo(folder);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const everyCommand = [
  ['run'],
  ['validate'],
  ['plan'],
  ['status'],
  ['verify'],
  ['seal'],
  ['unseal'],
  ['set'],
  ['parked', 'list'],
  ['parked', 'show'],
  ['parked', 'replay'],
  ['parked', 'drop'],
];

test.each(everyCommand)('%s %s knows them', async (...command) => {
  await runCommandLine([...command.filter(Boolean), '--help'], io);
  const options = ['--plugin', '--allow-plugins', '--allow-command', '--egress', '--egress-allow', '--egress-proxy'];
  for (const option of options) expect(io.stdout.text).toContain(`  ${option} `);
});

describe('what triggers may reach', () => {
  const validate = (...flags: string[]) => runCommandLine(['validate', 'weather.yaml', ...flags], io);

  test('is the internet and private networks, unless more is said', async () => {
    writeWeather(folder, { triggers: [{ url: 'http://10.0.0.7/hook' }, { url: 'http://169.254.169.254/latest' }] });
    expect(await validate()).toBe(2);
    expect(io.stdout.text).toMatch(/^weather\.yaml:\d+:\d+ +error .*169\.254\.169\.254/m);
    expect(io.stdout.text).not.toContain('10.0.0.7');
  });

  test.each([
    [['--egress', 'public'], 2],
    [['--egress', 'public', '--egress-allow', '10.0.0.0/8'], 0],
    [['--egress', 'listed'], 2],
    [['--egress', 'listed', '--egress-allow', 'hooks.internal', '--egress-allow', '10.0.0.7'], 0],
  ])('%j decides', async (flags, exitCode) => {
    writeWeather(folder, { triggers: [{ url: 'http://10.0.0.7/hook' }] });
    expect(await validate(...flags)).toBe(exitCode);
  });

  test('is judged alike by a run, which sends nothing then, and by a plan', async () => {
    writeWeather(folder, { triggers: [{ url: `${receiver.url}/hook` }] });
    expect(await runCommandLine(['run', 'weather.yaml', '--egress', 'public'], io)).toBe(2);
    expect(await runCommandLine(['plan', 'weather.yaml', '--egress', 'public'], io)).toBe(2);
    expect(await receiver.requests('/hook')).toEqual([]);
    expect(await runCommandLine(['run', 'weather.yaml', '--egress', 'listed', '--egress-allow', '127.0.0.1'], io)).toBe(
      0,
    );
    expect(await receiver.requests('/hook')).toHaveLength(3);
  });

  test('is wrong in one sentence', async () => {
    const wrong = [
      ['--egress', 'everything'],
      ['--egress-allow', '10.0.0.0/99'],
      ['--egress-proxy', 'socks://user:s3cret-word@proxy.example'],
    ];
    writeWeather(folder);
    for (const flags of wrong) expect(await validate(...flags)).toBe(2);
    expect(io.stderr.lines).toEqual([
      expect.stringMatching(/^EGRESS_POLICY_INVALID: .* reach must be one of private, public, listed\.$/),
      expect.stringMatching(/^EGRESS_POLICY_INVALID: .*10\.0\.0\.0\/99/),
      expect.stringMatching(/^EGRESS_POLICY_INVALID: .* proxy must be an HTTP proxy/),
    ]);
    expect(io.stderr.text).not.toContain('s3cret');
  });

  test('goes through the proxy of the environment, where no argument names another', async () => {
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket.once('data', (text) => {
        asked.push(text.toString());
        socket.destroy();
      });
    });
    const port = await listen(proxy);
    writeWeather(folder, {
      triggers: [{ url: 'https://hooks.example.com/hook', maxAttempts: 1, onFailure: 'park' }],
      maxDocs: 100,
    });
    const login = `http://me:s3cret-word@127.0.0.1:${port}`;
    const withProxy = testIo(folder, { env: { AFTERCOMMIT_EGRESS_PROXY: login } });
    expect(await runCommandLine(['run', 'weather.yaml'], withProxy)).toBe(3);
    expect(asked).toEqual([expect.stringMatching(/^CONNECT hooks\.example\.com:443 /)]);
    expect(asked[0]).toContain(`Basic ${btoa('me:s3cret-word')}`);
    expect(withProxy.stdout.text + withProxy.stderr.text).not.toContain('s3cret');
    await new Promise((resolve) => proxy.close(resolve));
  });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('what triggers may run', () => {
  let program: string;

  beforeEach(() => {
    program = join(folder, 'report.sh');
    writeFileSync(program, `#!/bin/sh\ncat >> '${join(folder, 'reports.txt')}'\n`);
    chmodSync(program, 0o755);
    writeWeather(folder, { triggers: [{ kind: 'command', program }], maxDocs: 100 });
  });

  test('is nothing, unless the operator says so', async () => {
    expect(await runCommandLine(['run', 'weather.yaml'], io)).toBe(2);
    expect(io.stderr.text).toMatch(/^weather\.yaml:\d+:\d+ +error .*--allow-command .*report\.sh/m);
    expect(() => readFileSync(join(folder, 'reports.txt'))).toThrow('ENOENT');
  });

  test('is a program, or a folder of programs', async () => {
    expect(await runCommandLine(['validate', 'weather.yaml', '--allow-command', `${folder}/`], io)).toBe(0);
    expect(await runCommandLine(['run', 'weather.yaml', '--allow-command', program], io)).toBe(0);
    expect(readFileSync(join(folder, 'reports.txt'), 'utf8')).toBe('{"docs":10}');
  });

  test('is an absolute path', async () => {
    expect(await runCommandLine(['run', 'weather.yaml', '--allow-command', 'report.sh'], io)).toBe(2);
    expect(io.stderr.text).toMatch(/^ALLOWED_PATH_INVALID: "report\.sh" cannot be allowed: it is no absolute path/);
  });
});

test('a command that is suggested has the same options, and no password', () => {
  const given = {
    plugin: ['./a.js', 'b'],
    allowPlugins: true,
    allowCommand: ['/opt/hooks/'],
    egress: 'listed',
    egressAllow: ['10.0.0.7'],
    egressProxy: 'http://me:secret@proxy.example:3128/',
  } as const;
  expect(kindFlags(given).join(' ')).toBe(
    '--plugin ./a.js --plugin b --allow-plugins --allow-command /opt/hooks/ --egress listed --egress-allow 10.0.0.7 --egress-proxy http://…@proxy.example:3128',
  );
  expect(kindFlags({})).toEqual([]);
});
