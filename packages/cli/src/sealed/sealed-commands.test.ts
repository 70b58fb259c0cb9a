import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { newAgeIdentity } from '@aftercommit/secrets';
import { startReceiver } from '@aftercommit/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { identity, recipient, sealingBench, weather } from '../../test/sealing.js';

const materialization = 'acmeCo/views/weather';
const slackHeader = ['set', 'weather.yaml', materialization, 'slack', 'headers.Authorization'];

/** What `unseal` prints, as a value. */
async function unsealed({ run }: ReturnType<typeof sealingBench>): Promise<unknown> {
  const { exitCode, stdout, stderr } = await run(['unseal', 'weather.yaml']);
  expect([exitCode, stderr]).toEqual([0, '']);
  return parse(stdout);
}

describe('seal', () => {
  test('encrypts the secrets in place, and keeps everything else, comments included', async () => {
    const bench = sealingBench();
    const { exitCode, stdout } = await bench.run(['seal', 'weather.yaml', '--age', recipient]);
    expect([exitCode, stdout]).toEqual([0, `The triggers configuration of ${materialization} is sealed: 2 secrets.\n`]);
    const sealed = bench.read();
    expect(sealed).not.toContain('hunter2');
    for (const comment of weather.match(/#.*/g) ?? []) expect(sealed).toContain(comment);
    const [before] = weather.split('      # who is told');
    expect(sealed.startsWith(before ?? 'nothing')).toBe(true);
    expect(await unsealed(bench)).toEqual(parse(weather).materializations[materialization].triggers);
    expect(readdirSync(bench.folder).sort()).toEqual(['weather.ndjson', 'weather.yaml']);
  });

  test('names the triggers of a list, and finds the same outboxes afterwards', async () => {
    const list = weather
      .replace('        slack:\n          url', '        - name: slack\n          url')
      .replace('        dbt: { url', '        - { url');
    const bench = sealingBench(list);
    await bench.seal();
    const { config } = parse(bench.read()).materializations[materialization].triggers;
    expect(Object.keys(config)).toEqual(['slack', expect.stringMatching(/^webhook-dbt\.example\.com-[0-9a-f]{8}$/)]);
  });

  test('takes its recipients from where sops does, and seals for each of them', async () => {
    const bench = sealingBench();
    const env = {
      SOPS_AGE_RECIPIENTS: ` ${recipient} ,age1l933j9q5tx9rsqyswne2upnhwzzyeq76xxmdvt9s357nycprwckqvjdqeq`,
    };
    expect((await bench.run(['seal', 'weather.yaml'], { env })).exitCode).toBe(0);
    expect(bench.read().match(/recipient: age1/g)).toHaveLength(2);
    expect((await bench.run(['unseal', 'weather.yaml', '--check'])).exitCode).toBe(0);
  });

  test('of a file of its own, in JSON, leaves the spec alone', async () => {
    const { materializations } = parse(weather);
    const bench = sealingBench(weather.replace(/ {4}triggers:\n[\s\S]*# until here/, '    triggers: triggers.json'));
    bench.write(JSON.stringify(materializations[materialization].triggers, null, 4), 'triggers.json');
    const spec = bench.read();
    await bench.seal();
    expect(bench.read()).toBe(spec);
    expect(JSON.parse(bench.read('triggers.json'))).toMatchObject({ sops: { encrypted_suffix: '_sops' } });
    expect(await unsealed(bench)).toEqual(materializations[materialization].triggers);
  });

  test('keeps the permissions of the file', async () => {
    const bench = sealingBench();
    const { mode } = statSync(join(bench.folder, 'weather.yaml'));
    await bench.seal();
    expect(statSync(join(bench.folder, 'weather.yaml')).mode).toBe(mode);
  });

  test.each<[string, string[], string]>([
    ['without recipients', ['seal', 'weather.yaml'], 'Say who can open it: --age'],
    ['for a recipient that is none', ['seal', 'weather.yaml', '--age', 'age1nobody'], 'SECRETS_KEY_INVALID'],
    [
      'of a materialization that is not there',
      ['seal', 'weather.yaml', 'acme/no', '--age', recipient],
      'There is no materialization acme/no to seal in weather.yaml: there is only acmeCo/views/weather.',
    ],
    [
      'by a service and for a recipient',
      ['seal', 'weather.yaml', '--age', recipient, '--service', 'https://x.example'],
      'not both',
    ],
    ['by a service without TLS', ['seal', 'weather.yaml', '--service', 'http://x.example'], 'SECRETS_SERVICE_FAILED'],
  ])('%s changes nothing', async (_title, args, saying) => {
    const bench = sealingBench();
    const { exitCode, stderr, stdout } = await bench.run(args);
    expect([exitCode === 0, stdout]).toEqual([false, '']);
    expect(stderr).toContain(saying);
    expect(bench.read()).toBe(weather);
  });

  test('of a spec with errors says them and changes nothing', async () => {
    const wrong = weather.replace('payloadTemplate: |', 'payloadTemplat: |');
    const bench = sealingBench(wrong);
    const { exitCode, stderr } = await bench.run(['seal', 'weather.yaml', '--age', recipient]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('payloadTemplat');
    expect(bench.read()).toBe(wrong);
  });

  test('a second time says that it is done', async () => {
    const bench = sealingBench();
    await bench.seal();
    const sealed = bench.read();
    const { exitCode, stdout } = await bench.run(['seal', 'weather.yaml', '--age', recipient]);
    expect([exitCode, stdout, bench.read()]).toEqual([0, expect.stringContaining('is sealed already'), sealed]);
  });

  test('for somebody else is refused: it would add nobody', async () => {
    const bench = sealingBench();
    await bench.seal();
    const sealed = bench.read();
    const other = (await newAgeIdentity()).recipient;
    const { exitCode, stdout, stderr } = await bench.run(['seal', 'weather.yaml', '--age', recipient, '--age', other]);
    expect([exitCode, stdout, bench.read()]).toEqual([2, '', sealed]);
    expect(stderr).toContain(`is sealed already, and not for ${other}; nothing was changed.`);
    expect(stderr).toContain('aftercommit unseal weather.yaml ');
  });
});

describe('a sealed spec', () => {
  test('is validated without a key, and its seal verified with one', async () => {
    const bench = sealingBench();
    await bench.seal();
    const valid = 'weather.yaml is valid: 1 materialization, 2 triggers; ';
    expect(await bench.run(['validate', 'weather.yaml'], { key: null })).toEqual({
      exitCode: 0,
      stdout: `${valid}sealed, and not verified: no key for it is at hand\n`,
      stderr: '',
    });
    expect((await bench.run(['validate', 'weather.yaml'])).stdout).toBe(`${valid}its seals are intact\n`);
    const { stdout } = await bench.run(['validate', 'weather.yaml', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      event: 'validated',
      errors: 0,
      warnings: 0,
      seals: { verified: 1, all: 1 },
    });
  });

  test('says what is wrong with it at its place, also without a key', async () => {
    const bench = sealingBench();
    await bench.seal();
    bench.write(bench.read().replace('{{docs_total}}', '{{docs}}').replace('https://dbt', 'httpx://dbt'));
    const { exitCode, stdout } = await bench.run(['validate', 'weather.yaml'], { key: null });
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/weather\.yaml:\d+:\d+ .*trigger "slack": payloadTemplate/);
    expect(stdout).toMatch(/weather\.yaml:\d+:\d+ .*trigger "dbt": .*http/);
  });

  test('names the file of its own in which something is wrong', async () => {
    const { materializations } = parse(weather);
    const bench = sealingBench(
      weather.replace(/ {4}triggers:\n[\s\S]*# until here/, '    triggers: more/triggers.yaml'),
    );
    expect((await bench.run(['validate', 'weather.yaml'])).stderr).toContain('There is no file more/triggers.yaml');
    const { slack } = materializations[materialization].triggers.config;
    const text = JSON.stringify({ config: { slack: { ...slack, timeout: 'long' } } }, null, 2);
    bench.write(weather.replace(/ {4}triggers:\n[\s\S]*# until here/, '    triggers: triggers.yaml'));
    bench.write(text, 'triggers.yaml');
    const { exitCode, stdout } = await bench.run(['validate', 'weather.yaml']);
    const line = text.split('\n').findIndex((one) => one.includes('timeout')) + 1;
    expect([exitCode, stdout]).toEqual([2, expect.stringMatching(`^triggers\\.yaml:${line}:\\d+ .*timeout`)]);
  });

  test.each<[string, string, string]>([
    ['payloadTemplate', '{{docs_total}} new days', '{{docs_total}} more'],
    ['a timeout', 'payloadTemplate: |', 'timeout: 7s\n          payloadTemplate: |'],
  ])('can have %s changed without a key', async (_title, from, to) => {
    const bench = sealingBench();
    await bench.seal();
    bench.write(bench.read().replace(from, to));
    expect((await bench.run(['unseal', 'weather.yaml', '--check'])).exitCode).toBe(0);
  });

  test.each<[string, string | RegExp, string]>([
    ['a URL', 'https://hooks.example.com/slack', 'https://evil.example.com/slack'],
    ['the name of a header', 'X-Token_sops', 'X-Other_sops'],
    ['the names of two triggers', /slack:([\s\S]*)dbt:/, 'dbt:$1slack:'],
    ['a method', /url: https:\/\/hooks.*/, 'url: https://hooks.example.com/slack\n          method: PUT'],
  ])('that had %s changed without the key is refused before anything is opened', async (_title, from, to) => {
    const bench = sealingBench();
    await bench.seal();
    bench.write(bench.read().replace(from, to));
    for (const args of [['run'], ['validate'], ['unseal']]) {
      const { exitCode, stdout, stderr } = await bench.run([...args, 'weather.yaml']);
      expect(exitCode).not.toBe(0);
      expect(`${stdout}${stderr}`).not.toContain('hunter2');
    }
    expect(existsSync(join(bench.folder, 'weather.db'))).toBe(false);
  });

  test('does not run without its key: it says who could open it, where was looked, and what to do', async () => {
    const bench = sealingBench();
    await bench.seal();
    for (const key of [null, 'no key']) {
      const { exitCode, stderr } = await bench.run(['run', 'weather.yaml'], { key });
      expect(exitCode).toBe(2);
      for (const part of ['weather.yaml:', recipient, 'SOPS_AGE_KEY_FILE', 'aftercommit seal']) {
        expect(stderr).toContain(part);
      }
    }
    expect(existsSync(join(bench.folder, 'weather.db'))).toBe(false);
    expect(existsSync(join(bench.folder, '.aftercommit'))).toBe(false);
  });

  test('runs with its key, and nothing but the receiver gets the secret', async () => {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.stop());
    const bench = sealingBench(weather.replace('https://hooks.example.com', receiver.url).replace(/ {8}dbt:.*\n/, ''));
    await bench.seal();
    const { exitCode, stdout, stderr } = await bench.run(['run', 'weather.yaml', '--json']);
    expect([exitCode, stderr]).toEqual([0, '']);
    const [request] = await receiver.requests();
    expect(request?.headers['authorization']).toBe('Bearer hunter2-slack');
    expect(stdout).not.toContain('hunter2');
    for (const file of readdirSync(join(bench.folder, '.aftercommit'))) {
      expect(bench.read(join('.aftercommit', file))).not.toContain('hunter2');
    }
    const looked = await bench.run(['status', 'weather.yaml'], { key: null });
    expect([looked.exitCode, looked.stdout]).toEqual([0, expect.stringContaining('slack')]);
  });
});

describe('unseal', () => {
  test('--check prints no value: what is intact, for whom, and every one that is not', async () => {
    const bench = sealingBench();
    await bench.seal();
    const { exitCode, stdout } = await bench.run(['unseal', 'weather.yaml', '--check']);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(
        `^The triggers configuration of ${materialization} is intact: 2 secrets, .* for ${recipient}\\.\n$`,
      ),
    ]);
    const other = await bench.run(['unseal', 'weather.yaml', '--check'], { key: null });
    expect([other.exitCode, other.stdout]).toEqual([1, '']);
    expect(other.stderr).toContain('SECRETS_NO_KEY');
  });

  test('of a field that is given twice opens nothing: what follows the first may be meant for another trigger', async () => {
    const bench = sealingBench();
    await bench.seal();
    bench.write(bench.read().replace(/( +)url: https:\/\/hooks.*/, '$1url: https://evil.example.com\n$&'));
    const { exitCode, stdout, stderr } = await bench.run(['unseal', 'weather.yaml']);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/weather\.yaml:\d+:\d+ .*"url" is given twice/);
  });

  test('of what is not sealed says so', async () => {
    const { exitCode, stderr } = await sealingBench().run(['unseal', 'weather.yaml']);
    expect([exitCode, stderr]).toEqual([2, 'Nothing is sealed in weather.yaml.\n']);
  });
});

describe('set', () => {
  test('corrects one secret with a key, and leaves every other ciphertext as it was', async () => {
    const bench = sealingBench();
    await bench.seal();
    const before = bench.read();
    const { exitCode, stdout } = await bench.run(slackHeader, { input: 'Bearer fresh\n' });
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('headers.Authorization of slack is set')]);
    const after = bench.read();
    // The time is in whole seconds: it may be the same.
    const changed = changedLines(before, after).filter((name) => name !== 'lastmodified');
    expect(changed).toEqual(['Authorization_sops', 'mac']);
    expect(await unsealed(bench)).toMatchObject({
      config: { slack: { headers: { Authorization: 'Bearer fresh' } }, dbt: { headers: { 'X-Token': 'hunter2-dbt' } } },
    });
  });

  test('adds a trigger, changes what the seal protects, and takes away', async () => {
    const bench = sealingBench();
    await bench.seal();
    const at = ['set', 'weather.yaml', materialization];
    const pager = 'url: https://pager.example.com\nheaders: { X-Key: hunter2-pager }\npayloadTemplate: "{}"\n';
    for (const [args, input] of [
      [['pager'], pager],
      [['slack', 'url'], 'https://hooks.example.com/other'],
      [['slack', 'maxAttempts'], '5'],
      [['slack', 'headers.X-Team.Name'], 'hunter2-team'],
      [['dbt', '--remove'], ''],
    ] as const) {
      const { exitCode, stderr } = await bench.run([...at, ...args], { input });
      expect([exitCode, stderr]).toEqual([0, '']);
    }
    expect(bench.read()).not.toContain('hunter2');
    expect(await unsealed(bench)).toEqual({
      config: {
        slack: {
          url: 'https://hooks.example.com/other',
          headers: { Authorization: 'Bearer hunter2-slack', 'X-Team.Name': 'hunter2-team' },
          payloadTemplate: '{"text": "{{docs_total}} new days"}\n',
          maxAttempts: 5,
        },
        pager: { url: 'https://pager.example.com', headers: { 'X-Key': 'hunter2-pager' }, payloadTemplate: '{}' },
      },
    });
  });

  test('without a key says which secrets would have to be entered again, before it asks for any', async () => {
    const bench = sealingBench();
    await bench.seal();
    const sealed = bench.read();
    const { exitCode, stderr } = await bench.run(slackHeader, { key: null, input: 'Bearer fresh' });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('/config/slack/headers/Authorization, /config/dbt/headers/X-Token');
    expect(bench.read()).toBe(sealed);
  });

  test.each<[string, string[], string, string]>([
    [
      'a trigger that is not there',
      ['slak', 'url'],
      'https://x.example',
      'There is no trigger slak: did you mean slack? To add it, give the whole of it: ' +
        `aftercommit set weather.yaml ${materialization} slak < trigger.yaml\n`,
    ],
    ['an unknown field', ['slack', 'urll'], 'https://x.example', 'There is no field "urll" (did you mean "url"?)'],
    ['nothing', ['slack', 'headers.Authorization'], '', 'No value was given'],
    ['a trigger that is none', ['pager'], '[1]', 'A trigger is a mapping'],
    ['a trigger without a URL', ['pager'], 'payloadTemplate: "{}"', 'url'],
    ['what is no YAML', ['pager'], '{ hunter2', 'no YAML or JSON'],
  ])('of %s changes nothing', async (_title, args, input, saying) => {
    const bench = sealingBench();
    await bench.seal();
    const sealed = bench.read();
    const { exitCode, stderr } = await bench.run(['set', 'weather.yaml', materialization, ...args], { input });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(saying);
    expect(stderr).not.toContain('hunter2');
    expect(bench.read()).toBe(sealed);
  });

  test.each([
    [
      'acmeCo/views/wether',
      'There is no materialization acmeCo/views/wether with triggers in weather.yaml: did you mean acmeCo/views/weather?',
    ],
    [materialization, 'is not sealed: edit weather.yaml, and seal it: aftercommit seal weather.yaml --age age1…'],
  ])('of %s that is not sealed says what to do', async (name, saying) => {
    const { exitCode, stderr } = await sealingBench().run(['set', 'weather.yaml', name, 'slack', 'url'], {
      input: 'x',
    });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(saying)]);
  });
});

test('a key file is found where sops looks for it', async () => {
  const bench = sealingBench();
  await bench.seal();
  bench.write(`# created by age-keygen\n${identity}\n`, 'keys.txt');
  const env = { SOPS_AGE_KEY_FILE: join(bench.folder, 'keys.txt') };
  expect((await bench.run(['unseal', 'weather.yaml', '--check'], { key: null, env })).exitCode).toBe(0);
});

/** The names of the fields whose lines differ. */
function changedLines(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  expect(now).toHaveLength(old.length);
  return now.filter((line, index) => line !== old[index]).map((line) => line.trim().split(':')[0] ?? '');
}
