import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { StrangerProject } from './stranger-project.js';

let project: StrangerProject;

beforeAll(() => {
  project = new StrangerProject('custom-trigger-kind', ['@aftercommit/cli', '@aftercommit/testkit']);
});

afterAll(() => {
  project.remove();
});

describe.concurrent('a trigger kind of a stranger, who has nothing but the published packages,', () => {
  test('keeps the contract', async ({ expect }) => {
    const { exitCode, output } = await project.run('vitest', 'run', '--reporter=json');
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    const { numPassedTests } = JSON.parse(output.slice(output.indexOf('{')));
    expect(numPassedTests).toBeGreaterThan(15);
  });

  test('has types that fit the contract', async ({ expect }) => {
    expect(await project.run('tsc')).toEqual({ exitCode: 0, output: '' });
  });

  test('is found under its name, as a package, and shown', async ({ expect }) => {
    const { exitCode, output } = await project.run('aftercommit', 'kinds', 'mail', '--plugin', 'aftercommit-mail');
    expect(exitCode).toBe(0);
    expect(output).toContain('mail  from aftercommit-mail\n  Sends an e-mail.\n');
    expect(output).toMatch(/^ {2}password +text; optional, secret$/m);
  });

  test('delivers what the installed command commits', async ({ expect }) => {
    const server = spawn(process.execPath, ['smtp-server.js', '0'], {
      cwd: project.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    const [, port = ''] = /port (\d+)/.exec((await lines.next()).value) ?? [];
    const spec = join(project.folder, 'weather.yaml');
    writeFileSync(spec, readFileSync(spec, 'utf8').replace('2525', port));
    const given = ['weather.yaml', '--plugin', './my-kind.js'];
    expect(await project.run('aftercommit', 'validate', ...given)).toEqual({
      exitCode: 0,
      output: 'weather.yaml is valid: 1 materialization, 1 trigger\n',
    });
    const { exitCode, output } = await project.run('aftercommit', 'run', ...given);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining('1 delivery') });
    expect((await lines.next()).value).toBe('Weather: "3 new days of weather"');
    server.kill();
    await once(server, 'close');
  });
});
