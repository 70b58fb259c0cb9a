import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aftercommit, type RunResult } from './aftercommit-run.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plugins-'));
  write('orders.ndjson', '{"id":1}\n');
  write('notes.mjs', `export const notes = ${notes('notes')};`);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** A kind in plain JavaScript, which knows no package of ours: appends its payloads to a file. */
function notes(kind: string, contractVersion = 1): string {
  return `{
    contractVersion: ${contractVersion},
    kind: '${kind}',
    configSchema: { type: 'object', required: ['path'], properties: { path: { type: 'string' }, mark: { type: 'string', secret: true } } },
    describeTarget: () => 'file:',
    open: async ({ path }) => ({
      async attempt({ payload }) {
        (await import('node:fs')).appendFileSync(path, payload + '\\n');
        return { outcome: 'delivered' };
      },
    }),
  }`;
}

/** A spec whose trigger writes to a file beside it, which is called as the kind. */
function spec(kind: string, more = ''): string {
  return `${more}
collections:
  acme/orders: { key: [/id], source: { ndjson: ${join(folder, 'orders.ndjson')} } }
materializations:
  acme/views/${kind}:
    endpoint: { sqlite: { path: ${kind}.db } }
    bindings: [{ source: acme/orders, resource: { table: orders } }]
    triggers:
      config:
        tell: { kind: ${kind}, path: ${join(folder, kind)}.txt, payloadTemplate: '{"docs":{{docs_total}}}' }
`;
}

/** In a folder below that of the test. */
function run(args: readonly string[], cwd = '.'): Promise<RunResult> {
  return aftercommit(args, '', join(folder, cwd));
}

function delivered(kind: string): string {
  return readFileSync(join(folder, `${kind}.txt`), 'utf8');
}

describe.concurrent('a kind of a plugin', () => {
  test('is run, planned and shown, and every command that is suggested names the plugin', async ({ expect: here }) => {
    write('run/spec.yaml', spec('notes'));
    const given = ['spec.yaml', '--plugin', '../notes.mjs'];
    here(await run(['run', ...given], 'run')).toMatchObject({ exitCode: 0, stderr: '' });
    here(delivered('notes')).toBe('{"docs":1}\n');
    here(await run(['plan', ...given], 'run')).toMatchObject({
      exitCode: 0,
      stdout: here.stringContaining('file: (notes, onFailure block)'),
    });
    here(await run(['status', ...given], 'run')).toMatchObject({ exitCode: 0 });
    here((await run(['parked', 'drop', ...given], 'run')).stderr).toContain('spec.yaml --plugin ../notes.mjs KEY');
  });

  test('that ends the process is named, and nobody takes that for a run', async ({ expect: here }) => {
    write('ends/plugin.mjs', 'process.exit(0);');
    write('ends/spec.yaml', spec('notes'));
    here(await run(['run', 'spec.yaml', '--plugin', './plugin.mjs'], 'ends')).toMatchObject({
      exitCode: 2,
      stderr:
        'PLUGIN_FAILED: The plugin ./plugin.mjs ended the process while it was loaded. Give a module that only exports.\n',
    });
  });

  test('is unknown without the plugin', async ({ expect: here }) => {
    write('without/spec.yaml', spec('notes'));
    const { exitCode, stdout } = await run(['validate', 'spec.yaml'], 'without');
    here(exitCode).toBe(2);
    here(stdout).toMatch(/There is no trigger kind "notes".* --plugin .*CONFIG_UNKNOWN_KIND/);
  });

  const found: Array<[string, string, string, string]> = [
    ['a file that is CommonJS', 'common.cjs', `module.exports = { common: ${notes('common')} };`, './common.cjs'],
    ['the default of a module', 'default.mjs', `export default ${notes('default')};`, './default.mjs'],
    [
      'what a CommonJS module computes',
      'made.cjs',
      `module.exports = { ...{ made: ${notes('made')} } };`,
      './made.cjs',
    ],
    ['a package', 'node_modules/@acme/pack/lib/index.mjs', `export const pack = ${notes('pack')};`, '@acme/pack'],
    [
      'a module of a package',
      'node_modules/@acme/pack/lib/sub.mjs',
      `export const sub = ${notes('sub')};`,
      '@acme/pack/sub',
    ],
  ];
  test.for(found)('comes from %s', async ([, file, text, plugin], { expect: here }) => {
    const exports = { '.': { import: './lib/index.mjs' }, './sub': { import: './lib/sub.mjs' } };
    write('node_modules/@acme/pack/package.json', JSON.stringify({ name: '@acme/pack', exports }));
    write(file, text);
    const { stdout, stderr } = await run(['kinds', '--json', '--plugin', plugin]);
    here(stderr).toBe('');
    const kinds = stdout
      .trim()
      .split('\n')
      .map((line): { kind: string; plugin: string | null } => JSON.parse(line));
    here(kinds.filter((one) => one.plugin === plugin)).toHaveLength(1);
    here(kinds.some(({ kind, plugin: origin }) => kind === 'webhook' && origin === null)).toBe(true);
  });

  test('counts once, however often its plugin is given', async ({ expect: here }) => {
    const { exitCode } = await run(['kinds', '--plugin', './notes.mjs', '--plugin', join(folder, 'notes.mjs')]);
    here(exitCode).toBe(0);
  });

  test('prints to standard error, and not into what the command says', async ({ expect: here }) => {
    write('loud.mjs', `console.log('loaded'); console.table([1]);\nexport const loud = ${notes('loud')};`);
    const { exitCode, stdout, stderr } = await run(['kinds', 'loud', '--json', '--plugin', './loud.mjs']);
    here(exitCode).toBe(0);
    here(JSON.parse(stdout)).toMatchObject({ event: 'kind', kind: 'loud' });
    here(stderr).toMatch(/^loaded\n.*┌/);
  });

  test('keeps no process alive with what it leaves behind', async ({ expect: here }) => {
    write('timer.mjs', `setInterval(() => undefined, 1000);\nexport const timer = ${notes('timer')};`);
    here((await run(['kinds', '--plugin', './timer.mjs'])).exitCode).toBe(0);
  });
});

describe.concurrent('plugins of a spec', () => {
  const listed = 'plugins: [./kinds/listed.mjs]';

  test('are loaded from its folder when the operator allows them', async ({ expect: here }) => {
    write('listed/kinds/listed.mjs', `export const listed = ${notes('listed')};`);
    write('listed/spec.yaml', spec('listed', listed));
    here(await run(['run', 'listed/spec.yaml', '--allow-plugins'])).toMatchObject({ exitCode: 0, stderr: '' });
    here(delivered('listed')).toBe('{"docs":1}\n');
  });

  test('are refused and not run otherwise, by every command', async ({ expect: here }) => {
    write('refused/kinds/listed.mjs', "import { writeFileSync } from 'node:fs';\nwriteFileSync('it-ran', '');");
    write('refused/spec.yaml', spec('listed', listed));
    const commands = [['run'], ['plan'], ['seal', '--age', 'age1x'], ['parked', 'list']];
    const results = await Promise.all(commands.map((command) => run([...command, 'spec.yaml'], 'refused')));
    for (const { exitCode, stderr } of results) {
      here(exitCode).toBe(2);
      here(stderr).toMatch(/^spec\.yaml:1:1 +error +A plugin is a program.*--allow-plugins.*PLUGIN_NOT_ALLOWED$/m);
      here(stderr).not.toContain('CONFIG_UNKNOWN_KIND');
    }
    here(() => readFileSync(join(folder, 'refused', 'it-ran'))).toThrow('ENOENT');
  });

  test('are not run for a spec that has another error', async ({ expect: here }) => {
    write('faulty/kinds/listed.mjs', "import { writeFileSync } from 'node:fs';\nwriteFileSync('it-ran', '');");
    write('faulty/spec.yaml', spec('listed', listed).replace('sqlite: { path', 'sqlite: { pth'));
    const { exitCode, stderr } = await run(['run', 'spec.yaml', '--allow-plugins'], 'faulty');
    here(exitCode).toBe(2);
    here(stderr).toContain('"pth"');
    here(stderr).not.toContain('listed');
    here(() => readFileSync(join(folder, 'faulty', 'it-ran'))).toThrow('ENOENT');
  });

  test('that cannot be loaded are issues at their place', async ({ expect: here }) => {
    write('broken/spec.yaml', spec('listed', 'plugins:\n  - ./nowhere.mjs\n  - nowhere-package'));
    const { exitCode, stdout } = await run(['validate', '--json', 'spec.yaml', '--allow-plugins'], 'broken');
    here(exitCode).toBe(2);
    const issues = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    here(issues).toMatchObject([
      { event: 'issue', line: 2, column: 5, code: 'PLUGIN_NOT_FOUND', pointer: '/plugins/0' },
      { event: 'issue', line: 3, column: 5, code: 'PLUGIN_NOT_INSTALLED', pointer: '/plugins/1' },
      { event: 'validated', errors: 2 },
    ]);
  });
});

describe.concurrent('a plugin that cannot be loaded says why:', () => {
  const broken: Array<[string, string, string, RegExp]> = [
    ['a syntax error', 'syntax.mjs', 'export const a = 1;\n\nexport const = 3;', /^PLUGIN_SYNTAX: .*syntax\.mjs:3\.$/],
    [
      'a syntax error of CommonJS',
      'syntax.cjs',
      'const a = 1;\nexports = { a: };',
      /^PLUGIN_SYNTAX: .*syntax\.cjs:2\.$/,
    ],
    [
      'a name that is not exported',
      'no-name.mjs',
      "import { nope } from './notes.mjs';",
      /^PLUGIN_SYNTAX: .*'nope', at .*no-name\.mjs:1\.$/,
    ],
    [
      'an error that it throws',
      'throws.mjs',
      "throw new TypeError('no token\\nat all');",
      /^PLUGIN_FAILED: .* TypeError: no token at all \(at .*throws\.mjs:1:7\)\. The fault is in the plugin\.$/,
    ],
    [
      'an error that it throws where nobody waits for it',
      'aside.mjs',
      "setImmediate(() => {\n  throw new TypeError('too late');\n});\nawait new Promise((resolve) => setTimeout(resolve, 100));",
      /^PLUGIN_FAILED: .* TypeError: too late \(at .*aside\.mjs:2:9\)\. The fault is in the plugin\.$/,
    ],
    [
      'a promise that it leaves alone',
      'alone.mjs',
      "Promise.reject(new RangeError('left alone'));\nawait new Promise((resolve) => setTimeout(resolve, 100));",
      /^PLUGIN_FAILED: .*alone\.mjs threw while it was loaded: RangeError: left alone \(at .*alone\.mjs:1:16\)/,
    ],
    [
      'an export that throws when it is looked at',
      'export.mjs',
      "export const odd = {\n  get contractVersion() {\n    throw new Error('not now');\n  },\n};",
      /^PLUGIN_FAILED: .*export\.mjs threw while it was loaded: Error: not now \(at .*export\.mjs:3:11\)/,
    ],
    [
      'a schema that throws when it is looked at',
      'thrower.mjs',
      `export const odd = ${notes('thrower')};\nObject.defineProperty(odd, 'configSchema', { get() { throw 'no schema'; } });`,
      /^PLUGIN_FAILED: .*thrower\.mjs threw while it was loaded: no schema\. The fault is in the plugin\.$/,
    ],
    [
      'an error of parsing something',
      'json.mjs',
      "JSON.parse('{');",
      /^PLUGIN_FAILED: .*json\.mjs threw while it was loaded: SyntaxError: .*json\.mjs:1:\d+\)/,
    ],
    [
      'a package that it needs',
      'needs.mjs',
      "import 'nowhere-package';",
      /^PLUGIN_FAILED: .*imports something that is not there: Cannot find package 'nowhere-package'/,
    ],
    ['no kind', 'none.mjs', 'export const a = 1;', /^PLUGIN_WITHOUT_KIND: .*it exports a, and none of them is one/],
    [
      'half a kind',
      'half.mjs',
      "export const half = { kind: 'half' };",
      /^PLUGIN_WITHOUT_KIND: .*half has no contractVersion and no open/,
    ],
    [
      'another contract',
      'contract.mjs',
      `export const a = ${notes('old', 2)};`,
      /^KIND_CONTRACT_UNKNOWN: .*version 2 .*It comes from the plugin \.\/contract\.mjs\.$/,
    ],
    [
      'the name of a built-in kind',
      'taken.mjs',
      `export const a = ${notes('webhook')};`,
      /^KIND_DUPLICATE: .*"webhook": one is built in, the other comes from the plugin \.\/taken\.mjs/,
    ],
    [
      'one name twice',
      'twice.mjs',
      `export const [a, b] = [${notes('a')}, ${notes('a')}];`,
      /^KIND_DUPLICATE: .*"a": one comes from the plugin \.\/twice\.mjs, the other/,
    ],
    [
      'a schema that is none',
      'schema.mjs',
      `export const a = { ...${notes('odd')}, configSchema: {} };`,
      /^KIND_SCHEMA_INVALID: .*"odd".*schema\.mjs\.$/,
    ],
    ['TypeScript that cannot be run', 'typed.ts', 'export enum Kind { A }', /^PLUGIN_TYPESCRIPT: .*npx tsc/],
  ];
  // All at once, as they are told.
  let told: RunResult;

  beforeAll(async () => {
    for (const [, file, text] of broken) write(file, text);
    told = await run(['kinds', ...broken.flatMap(([, file]) => ['--plugin', `./${file}`])]);
  });

  test.for(broken)('%s', ([, file, , sentence], { expect: here }) => {
    const sentences = told.stderr.split('\n').filter((line) => line.includes(`./${file}`));
    here(sentences).toEqual([here.stringMatching(sentence)]);
    here(told).toMatchObject({ exitCode: 2, stdout: '' });
  });

  test('what is not there, all at once', async ({ expect: here }) => {
    mkdirSync(join(folder, 'a-folder'), { recursive: true });
    const plugins = ['./none.js', './notes', './a-folder', 'nowhere-package', 'notes.mjs', 'node:fs', ''];
    const { exitCode, stderr } = await run(['kinds', ...plugins.flatMap((one) => ['--plugin', one])]);
    here(exitCode).toBe(2);
    here(stderr.trimEnd().split('\n')).toEqual([
      here.stringMatching(/^PLUGIN_NOT_FOUND: There is no file .*\/none\.js, .*look at its path$/),
      here.stringMatching(/^PLUGIN_NOT_FOUND: .*did you mean \.\/notes\.mjs\?$/),
      here.stringMatching(
        /^PLUGIN_NOT_FOUND: The plugin \.\/a-folder is a folder: .* such as \.\/a-folder\/index\.js\.$/,
      ),
      here.stringMatching(/^PLUGIN_NOT_INSTALLED: The package nowhere-package .*: npm install nowhere-package\.$/),
      here.stringMatching(/^PLUGIN_NOT_INSTALLED: .* To load the file of that name, write \.\/notes\.mjs\.$/),
      here.stringMatching(/^PLUGIN_NAME_INVALID: "node:fs" is no plugin/),
      here.stringMatching(/^PLUGIN_NAME_INVALID: "" is no plugin/),
    ]);
  });

  test('as an object with --json', async ({ expect: here }) => {
    const { exitCode, stdout } = await run(['validate', 'none.yaml', '--json', '--plugin', './none.js']);
    here({ exitCode, object: JSON.parse(stdout) }).toEqual({
      exitCode: 2,
      object: {
        event: 'error',
        code: 'SPEC_UNREADABLE',
        message: 'There is no file none.yaml: give the path of a spec, such as weather.yaml.',
      },
    });
    write('json/spec.yaml', spec('notes'));
    const { stdout: objects } = await run(['validate', 'spec.yaml', '--json', '--plugin', './none.js'], 'json');
    here(
      objects
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        event: 'error',
        code: 'PLUGIN_NOT_FOUND',
        plugin: './none.js',
        message: here.stringMatching(
          /^There is no file \/.*\/json\/none\.js, which was given as a plugin: look at its path$/,
        ),
      },
    ]);
  });
});

test('a name that looks like plugins is said to be one', async () => {
  write('near/spec.yaml', spec('notes', 'plugin: [./notes.mjs]'));
  const { stdout } = await run(['validate', 'spec.yaml'], 'near');
  expect(stdout).toContain('There is no field "plugin" (did you mean "plugins"?)');
});
