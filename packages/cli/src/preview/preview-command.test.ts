import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Receiver, startReceiver } from '@aftercommit/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestIo, testIo } from '../../test/command-line-bench.js';
import { recipient } from '../../test/sealing.js';
import { writeWeather } from '../../test/weather-spec.js';
import { runCommandLine } from '../run-command-line.js';

let receiver: Receiver;
let folder: string;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(async () => {
  await receiver.stop();
});

beforeEach(async () => {
  await receiver.clear();
  folder = mkdtempSync(join(tmpdir(), 'aftercommit-preview-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function command(...args: string[]): Promise<TestIo & { exitCode: number }> {
  const io = testIo(folder);
  const exitCode = await runCommandLine(args, io);
  return Object.assign(io, { exitCode });
}

function hook(name: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, url: `${receiver.url}/hook-of-${name}`, ...fields };
}

/** What is printed, without what is another in every run. */
function steady({ stdout }: TestIo): string {
  return stdout.text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'RUN').replaceAll(receiver.url, 'http://receiver');
}

describe('a spec that was never run', () => {
  test('is shown with a placeholder, and nothing is made or sent', async () => {
    const headers = { Authorization: 'Bearer tok-of-slack', 'X-Team': 'tok-of-team' };
    const payloadTemplate =
      '{"text":"{{docs_total}} new","in":{{json collection_names}},"auth":"{{headers.Authorization}}"}';
    writeWeather(folder, { triggers: [hook('slack', { headers, payloadTemplate }), hook('dbt', { method: 'PUT' })] });
    const preview = await command('preview', 'weather.yaml');
    expect([preview.exitCode, preview.stderr.text]).toEqual([
      0,
      expect.stringMatching(
        /^There is no state .*state\.db: weather\.yaml was never run, or with another --state\.\n$/,
      ),
    ]);
    expect(steady(preview)).toBe(
      `acmeCo/views/weather: of a placeholder, because no commit with documents is known
  slack
    delivers to  http://receiver (webhook, POST)
    headers      Authorization, X-Team; values are not shown
    key          msg_<32 hex digits>, the same for every attempt of a delivery
    payload
      {
        "text": "1 new",
        "in": [
          "acmeCo/weather"
        ],
        "auth": "[redacted]"
      }
  dbt
    delivers to  http://receiver (webhook, PUT)
    key          msg_<32 hex digits>, the same for every attempt of a delivery
    payload
      {
        "docs": 1
      }
`,
    );
    expect(existsSync(join(folder, '.aftercommit'))).toBe(false);
    expect(await receiver.requests()).toEqual([]);
  });

  test('has no headers and no method where the kind has none', async () => {
    writeFileSync(
      join(folder, 'weather.yaml'),
      `collections: { acmeCo/weather: { key: [/date], source: { ndjson: weather.ndjson } } }
materializations:
  acmeCo/views/weather:
    endpoint: { sqlite: { path: weather.db } }
    bindings: [{ source: acmeCo/weather, resource: { table: weather } }]
    triggers: { config: { team: { kind: slack, secretUrl: "${receiver.url}/services/T0/s3cret-path" } } }
  acmeCo/views/none:
    endpoint: { sqlite: { path: none.db } }
    bindings: [{ source: acmeCo/weather, resource: { table: weather } }]
`,
    );
    const preview = await command('preview', 'weather.yaml');
    expect(steady(preview)).toBe(
      `acmeCo/views/weather: of a placeholder, because no commit with documents is known
  team
    delivers to  http://receiver (slack)
    key          msg_<32 hex digits>, the same for every attempt of a delivery
    payload
      {
        "text": "acmeCo/views/weather: 1 documents committed, run RUN"
      }
acmeCo/views/none: has no triggers to show
`,
    );
    expect(preview.exitCode).toBe(0);
  });
});

describe('the window', () => {
  test('is that of the last commit', async () => {
    writeWeather(folder, { days: 3, triggers: [hook('slack')] });
    await command('run', 'weather.yaml');
    const state = readFileSync(join(folder, '.aftercommit', 'state.db'));
    const { stdout, stderr, exitCode } = await command('preview', 'weather.yaml', '--json');
    expect([exitCode, stderr.text]).toEqual([0, '']);
    expect(stdout.objects).toEqual([
      {
        event: 'preview',
        materialization: 'acmeCo/views/weather',
        trigger: 'slack',
        kind: 'webhook',
        target: receiver.url,
        method: 'POST',
        headers: [],
        payload: { from: 'last-commit', runId: expect.stringMatching(/\.\d{6}Z$/), text: '{"docs":3}', faults: [] },
        idempotencyKey: 'msg_<32 hex digits>',
      },
    ]);
    expect(readFileSync(join(folder, '.aftercommit', 'state.db'))).toEqual(state);
    expect(await receiver.requests()).toHaveLength(1);
  });

  test('has the variables that a person gives, and the others of the last commit', async () => {
    const payloadTemplate = '[{{docs_total}}, "{{materialization_name}}"]';
    writeWeather(folder, { days: 3, triggers: [hook('slack', { payloadTemplate })] });
    writeFileSync(join(folder, 'window.json'), '{"docs_total": 70}');
    const { stdout, stderr, exitCode } = await command('preview', 'weather.yaml', '--window', 'window.json', '--json');
    expect([exitCode, stderr.text]).toEqual([0, '']);
    expect(stdout.objects).toMatchObject([{ payload: { from: 'file', text: '[70, "acmeCo/views/weather"]' } }]);
  });

  test('that is wrong is refused with every place', async () => {
    writeWeather(folder, { triggers: [hook('slack')] });
    writeFileSync(join(folder, 'window.json'), '{"docs_totl": 70,\n "bytes_total": -1}');
    const preview = await command('preview', 'weather.yaml', '--window', 'window.json');
    expect([preview.exitCode, preview.stdout.text]).toEqual([2, '']);
    expect(preview.stderr.lines).toEqual([
      expect.stringMatching(
        /^window\.json:1:2 {3}error {4}There is no field "docs_totl" \(did you mean "docs_total"\?\)/,
      ),
      expect.stringMatching(/^window\.json:2:17 {2}error {4}bytes_total must be at least 0\./),
    ]);
    const { stdout, exitCode } = await command('preview', 'weather.yaml', '--window', 'window.json', '--json');
    expect([exitCode, stdout.objects]).toEqual([
      2,
      [
        expect.objectContaining({ event: 'issue', file: 'window.json', line: 1, column: 2 }),
        expect.objectContaining({ event: 'issue', file: 'window.json', line: 2, column: 17 }),
      ],
    ]);
  });
});

describe('what is chosen', () => {
  test('is shown alone', async () => {
    writeWeather(folder, { triggers: [hook('slack'), hook('dbt')] });
    const { stdout } = await command('preview', 'weather.yaml', '--trigger', 'dbt', '--json');
    expect(stdout.objects.map(({ trigger }) => trigger)).toEqual(['dbt']);
  });

  test('and is not there is answered with the near name', async () => {
    writeWeather(folder, { triggers: [hook('slack')] });
    for (const [option, name, message] of [
      ['--trigger', 'slak', 'There is no trigger slak in weather.yaml: did you mean slack?\n'],
      [
        '--materialization',
        'acmeCo/view/weather',
        'There is no materialization acmeCo/view/weather in weather.yaml: did you mean acmeCo/views/weather?\n',
      ],
    ] as const) {
      const preview = await command('preview', 'weather.yaml', option, name);
      expect([preview.exitCode, preview.stdout.text, preview.stderr.text]).toEqual([2, '', message]);
    }
  });
});

describe('a payload that would not be sent', () => {
  const noJson = '{\n  "team": "{{headers.Team}}", "run": {{run_id}}\n}\n';

  /** One trigger whose payload is fine, and one for each template. */
  function writeSpec(...templates: string[]): void {
    const triggers = templates.map((template, index) => {
      const written = template
        .trimEnd()
        .split('\n')
        .map((line) => `            ${line}`);
      return `        t${index}:
          url: ${receiver.url}/hook-of-${index}
          headers: { Team: tok-of-t${index} }
          payloadTemplate: |
${written.join('\n')}
`;
    });
    writeFileSync(
      join(folder, 'weather.yaml'),
      `collections: { acmeCo/weather: { key: [/date], source: { ndjson: weather.ndjson } } }
materializations:
  acmeCo/views/weather:
    endpoint: { sqlite: { path: weather.db } }
    bindings: [{ source: acmeCo/weather, resource: { table: weather } }]
    triggers:
      config:
        fine: { url: "${receiver.url}/hook-of-fine", payloadTemplate: "{{docs_total}}" }
${triggers.join('')}`,
    );
  }

  test('is shown with a mark where it stops to be JSON, and the others all the same', async () => {
    writeSpec(noJson);
    const preview = await command('preview', 'weather.yaml');
    expect(preview.exitCode).toBe(2);
    expect(preview.stderr.text).toMatch(
      /^weather\.yaml:14:50 .*TEMPLATE_INVALID\nweather\.yaml: 1 error\nThere is no state/,
    );
    const [, , , , , one, , , , , ...shown] = preview.stdout.lines;
    expect(one).toBe('      1');
    const runs = shown.map((line) => line.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, '2024-01-01T00:00:00.000000Z'));
    expect(runs).toEqual([
      '    payload      WOULD NOT BE SENT. Line 2, column 36: The payload is not JSON: the character here does not belong.',
      '      {',
      '        "team": "[redacted]", "run": 2024-01-01T00:00:00.000000Z',
      '                                         ^',
      '      }',
      '    template     weather.yaml:14:50',
    ]);
  });

  test('is shown as a template where nothing can be rendered', async () => {
    writeSpec('{"a": {{docs_totl}}, "b": {{json nope}} }');
    const preview = await command('preview', 'weather.yaml', '--trigger', 't0');
    expect(preview.exitCode).toBe(2);
    expect(preview.stdout.lines.slice(5)).toEqual([
      '    payload      CANNOT BE MADE. There is no variable "docs_totl" here (did you mean "docs_total"?).',
      '      {"a": {{docs_totl}}, "b": {{json nope}} }',
      '              ^',
      '    template     weather.yaml:13:21',
      expect.stringMatching(/^ {4}payload {6}CANNOT BE MADE\. There is no variable "nope" here\./),
      '      {"a": {{docs_totl}}, "b": {{json nope}} }',
      expect.stringMatching(/^ +\^$/),
      expect.stringMatching(/^ {4}template {5}weather\.yaml:13:\d+$/),
    ]);
  });

  test('is found with the window that is given, although the spec is valid', async () => {
    writeSpec('{{#if (eq docs_total 3)}}three{{else}}1{{/if}}');
    writeFileSync(join(folder, 'window.json'), '{"docs_total": 3}');
    expect((await command('preview', 'weather.yaml')).exitCode).toBe(0);
    const { exitCode, stdout, stderr } = await command('preview', 'weather.yaml', '--window', 'window.json', '--json');
    expect([exitCode, stderr.text]).toEqual([2, '']);
    expect(stdout.objects[1]).toMatchObject({
      trigger: 't0',
      payload: {
        text: 'three\n',
        faults: [
          {
            code: 'TEMPLATE_NOT_JSON',
            inPayload: { line: 1, column: 1 },
            inTemplate: { line: 1, column: 26 },
            inFile: { line: 13, column: 38 },
          },
        ],
      },
    });
  });

  test('is located in the file that holds the triggers', async () => {
    writeWeather(folder);
    const spec = join(folder, 'weather.yaml');
    writeFileSync(spec, readFileSync(spec, 'utf8').replace(/triggers: .*/, 'triggers: hooks.yaml'));
    writeFileSync(
      join(folder, 'hooks.yaml'),
      `config:\n  one:\n    url: ${receiver.url}/hook\n    payloadTemplate: '{"run": {{run_id}} }'\n`,
    );
    const { stdout } = await command('preview', 'weather.yaml');
    expect(stdout.lines.at(-1)).toMatch(/^ {4}template {5}hooks\.yaml:4:3\d$/);
  });

  test('has no place in a file where it is written with escapes', async () => {
    writeWeather(folder, { triggers: [hook('slack', { payloadTemplate: '"a"\t{{run_id}}' })] });
    const { stdout } = await command('preview', 'weather.yaml');
    expect(stdout.lines.at(-1)).toBe('    template     payloadTemplate, line 1, column 5');
  });

  test('shows no secret, and no template that has one in it', async () => {
    const headers = { Authorization: 'tok-of-slack' };
    writeWeather(folder, {
      triggers: [
        hook('slack', { headers, payloadTemplate: '"tok-of-slack {{nope}}"' }),
        hook('dbt', { payloadTemplate: '["tok-of-slack", {{run_id}}]' }),
      ],
    });
    for (const json of [[], ['--json']]) {
      const { stdout, stderr } = await command('preview', 'weather.yaml', ...json);
      expect(stdout.text + stderr.text).not.toContain('tok-of-slack');
      expect(stdout.text).toContain('[redacted]');
    }
  });
});

test('a long template is shown, too, where nothing can be rendered', async () => {
  const payloadTemplate = `{"long":"${'word '.repeat(2_000)}","docs":{{docs_totl}}}`;
  writeWeather(folder, { triggers: [hook('slack', { payloadTemplate })] });
  const { stdout } = await command('preview', 'weather.yaml');
  expect(stdout.lines.filter((line) => line.includes('{{docs_totl}}'))).toHaveLength(1);
});

test('a method that a kind keeps secret is not shown', async () => {
  writeFileSync(
    join(folder, 'kind.mjs'),
    `export const odd = {
      contractVersion: 1,
      kind: 'odd',
      configSchema: {
        type: 'object',
        title: 'Odd',
        description: 'Odd.',
        properties: { method: { type: 'string', title: 'Method', description: 'How.', secret: true } },
      },
      defaultPayloadTemplate: '{}',
      describeTarget: () => 'odd://there',
      open: () => Promise.reject(new Error('never opened')),
    };\n`,
  );
  writeWeather(folder, { triggers: [{ name: 'odd', kind: 'odd', method: 'method-with-token' }] });
  for (const json of [[], ['--json']]) {
    const { exitCode, stdout } = await command('preview', 'weather.yaml', '--plugin', './kind.mjs', ...json);
    expect(exitCode).toBe(0);
    expect(stdout.text).toContain('[redacted]');
    expect(stdout.text).not.toContain('method-with-token');
  }
});

describe('a spec with errors', () => {
  test('is told them, and what can be read is shown', async () => {
    writeWeather(folder, { triggers: [hook('slack', { colour: 'red' }), hook('dbt')] });
    const preview = await command('preview', 'weather.yaml');
    expect(preview.exitCode).toBe(2);
    expect(preview.stderr.text).toContain('colour');
    expect(preview.stdout.text).toContain('  dbt\n');
    const { stdout } = await command('preview', 'weather.yaml', '--json');
    expect(stdout.objects.map(({ event }) => event)).toEqual(['issue', 'preview']);
    // It is there, and its error was said.
    expect((await command('preview', 'weather.yaml', '--trigger', 'slack')).stderr.text).not.toContain('no trigger');
  });

  test('that cannot be read at all is told them, whatever is chosen', async () => {
    writeFileSync(join(folder, 'weather.yaml'), 'materializations: [');
    const preview = await command('preview', 'weather.yaml', '--trigger', 'slack');
    expect([preview.exitCode, preview.stdout.text]).toEqual([2, '']);
    expect(preview.stderr.lines).toEqual([
      expect.stringMatching(/^weather\.yaml:1:\d+ .*CONFIG_SYNTAX$/),
      'weather.yaml: 1 error',
    ]);
  });
});

test('a sealed spec is shown without a key as it was before it was sealed', async () => {
  const fields = { headers: { Authorization: 'Bearer tok-of-dbt' }, payloadTemplate: '"{{headers.Authorization}}"' };
  writeWeather(folder, { triggers: [hook('dbt', fields)] });
  const plain = await command('preview', 'weather.yaml');
  expect((await command('seal', 'weather.yaml', '--age', recipient)).stderr.text).toBe('');
  const sealed = await command('preview', 'weather.yaml');
  expect(sealed.exitCode).toBe(0);
  expect(steady(sealed)).toBe(steady(plain));
  expect(sealed.stdout.text).toContain('headers      Authorization; values');
});

test('a state that cannot be read ends it', async () => {
  writeWeather(folder, { triggers: [hook('slack')] });
  writeFileSync(join(folder, 'state.db'), 'no database');
  const preview = await command('preview', 'weather.yaml', '--state', 'state.db');
  expect([preview.exitCode, preview.stdout.text]).toEqual([1, '']);
  expect(preview.stderr.text).toMatch(/^STORE_\w+: /);
});
