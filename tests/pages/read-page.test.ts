import { expect, test } from 'vitest';
import { readPage } from './read-page.js';

const fence = (language: string, code: string) => `\`\`\`${language}\n${code}\n\`\`\`\n`;
const read = (...parts: string[]) => readPage('page.md', parts.join('\n'));
const problemsOf = (...parts: string[]) => read(...parts).problems;

test('a block has its line, its language, and what comments above it say', () => {
  const { blocks, problems } = read('# Page\n', '<!-- exits with 2 -->', fence('sh', 'false'), fence('', 'a ─► b'));
  expect(problems).toEqual([]);
  expect(blocks).toMatchObject([
    { page: 'page.md', line: 4, language: 'sh', code: 'false\n', exitCode: 2, notRun: undefined },
    { line: 8, language: '', exitCode: 0 },
  ]);
});

test('a block within a list counts, too', () => {
  expect(read('- first:\n\n  ```sh\n  true\n  ```\n').blocks).toMatchObject([{ line: 3, code: 'true\n' }]);
});

test('a sentence that ends with a name and a colon names the file below, also past a comment', () => {
  const fileOf = (sentence: string, comment = '') =>
    read(`${sentence}\n`, comment, fence('yaml', 'a: 1')).blocks[0]?.file;
  expect(fileOf('The spec. `weather.yaml`:')).toBe('weather.yaml');
  expect(fileOf('`kinds/pager.js`:')).toBe('kinds/pager.js');
  expect(fileOf('`weather.yaml`:', '<!-- not run: fleet: it is for a cluster -->')).toBe('weather.yaml');
  expect(fileOf('Run `aftercommit run spec.yaml --plugin @aftercommit/nats`:')).toBeUndefined();
  expect(fileOf('In `weather.yaml`')).toBeUndefined();
  expect(fileOf('`../weather.yaml`:')).toBeUndefined();
  expect(fileOf('`/etc/weather.yaml`:')).toBeUndefined();
});

test('text right below a block is what that prints', () => {
  const { blocks, problems } = read(
    fence('sh', 'echo 1'),
    fence('text', '1'),
    fence('ts', 'console.log(2)'),
    fence('text', '2'),
  );
  expect(problems).toEqual([]);
  expect(blocks).toMatchObject([
    { language: 'sh', shown: '1\n' },
    { language: 'ts', shown: '2\n' },
  ]);
});

test('text that nothing prints is refused', () => {
  expect(problemsOf(fence('sh', 'true'), 'It prints:\n', fence('text', '1'))).toEqual([
    'page.md:7: stands right below no block, so nothing prints it',
  ]);
  const ci = '<!-- not run: ci: .ci/run runs it -->';
  const unprinted = 'shows what the block above prints, which is not run';
  expect(problemsOf(ci, fence('sh', 'npx -y pnpm@12 types'), fence('text', '1'))).toEqual([`page.md:6: ${unprinted}`]);
  expect(problemsOf('`a.yaml`:\n', fence('yaml', 'a: 1'), fence('text', '1'))).toEqual([`page.md:7: ${unprinted}`]);
});

test('a block that is not run says why, with a reason that counts', () => {
  const read1 = (reason: string) => read(`<!-- not run${reason} -->`, fence('sh', 'true'));
  expect(read1(': service: Slack answers').blocks).toMatchObject([
    { notRun: { kind: 'service', why: 'Slack answers' } },
  ]);
  const kinds = 'gives no reason that counts: it begins with one of fleet, service, ci';
  expect(read1(':').problems).toEqual([`page.md:2: "not run: " ${kinds}`]);
  expect(read1(': it is slow').problems).toEqual([`page.md:2: "not run: it is slow" ${kinds}`]);
  expect(read1(': slow: it is slow').problems).toEqual([`page.md:2: "not run: slow: it is slow" ${kinds}`]);
  expect(read1(': constructor: it is slow').problems).toEqual([
    `page.md:2: "not run: constructor: it is slow" ${kinds}`,
  ]);
  expect(read1(': ci').problems).toEqual(['page.md:2: "not run: ci" does not say why: "not run: ci: …"']);
  expect(read1(': ci: ').problems).toHaveLength(1);
});

test('a comment above a block that says nothing of it is refused', () => {
  const slip = (comment: string) => problemsOf(`<!-- ${comment} -->`, fence('sh', 'true'));
  const advice = 'says nothing of the block below: write "not run: …" or "exits with …"';
  expect(slip('not-run: ci: later')).toEqual([`page.md:2: "not-run: ci: later" ${advice}`]);
  expect(slip('exit 2')).toEqual([`page.md:2: "exit 2" ${advice}`]);
  expect(slip('exits with two')).toEqual([`page.md:2: "exits with two" ${advice}`]);
});

test('a block that nobody can run is refused', () => {
  const problem = (language: string, code: string) => problemsOf(fence(language, code)).join();
  expect(problem('ini', '[Unit]')).toContain('nobody runs ini');
  expect(problem('', '1 trigger is stuck')).toContain('has no language, and is no drawing');
  expect(problem('json', '{"a":')).toContain('cannot be parsed');
  expect(problem('yaml', 'a: [')).toContain('cannot be parsed');
  expect(problem('yaml', 'groups: []')).toContain('is neither a spec nor triggers');
  expect(problem('sh', 'npm install left-pad\ntrue')).toContain('stand in a block of their own');
  expect(problemsOf('<!-- exits with 2 -->', fence('json', '{}'))).toEqual([
    'page.md:2: is not started, and ends with no exit code',
  ]);
});
