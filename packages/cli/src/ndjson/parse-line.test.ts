import { isAscii } from 'node:buffer';
import { seededRandom } from '@aftercommit/testkit';
import { expect, test } from 'vitest';
import { LineSplitter } from './line-splitter.js';
import { parseLine } from './parse-line.js';

const seeds = Array.from({ length: 8 }, (_, seed) => seed);

/** Lines of documents, of other JSON and of what is none, some of them damaged, without their ends. */
function linesOf(seed: number): Buffer[] {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random.fraction() * limit);
  const oneOf = <Value>(values: readonly [Value, ...Value[]]) => values[below(values.length)] ?? values[0];
  const value = () =>
    oneOf([
      '1',
      '-0',
      '9007199254740993',
      '1e999',
      '0.1',
      'true',
      'null',
      '""',
      '"ü"',
      '"\\ud800"',
      '[1,{}]',
      '{"a":1,"a":2}',
    ]);
  const line = () =>
    oneOf([
      `{"id":${value()},"v":${value()}}`,
      `  {"v":${value()}}\t`,
      value(),
      `[${value()}]`,
      `{"v":${'['.repeat(1_100)}${']'.repeat(1_100)}}`,
      '\x1f',
      '\ufeff{}',
      '',
    ]);
  const damage = (bytes: Buffer) => {
    const at = below(bytes.length);
    const byte = oneOf([0x00, 0x01, 0x0d, 0x20, 0x22, 0x7b, 0x7d, 0x80, 0x8b, 0xff]);
    return oneOf([
      bytes.subarray(0, at),
      Buffer.from(bytes.with(at, byte)),
      Buffer.concat([bytes, Buffer.from([byte])]),
    ]);
  };
  return Array.from({ length: 200 }, () => {
    const bytes = Buffer.from(line());
    return bytes.length > 0 && below(3) === 0 ? damage(bytes) : bytes;
  });
}

function parsed(bytes: Buffer, neighbour: string) {
  const splitter = new LineSplitter();
  splitter.push(Buffer.concat([Buffer.from(neighbour), bytes, Buffer.from('\n')]));
  splitter.next();
  const line = splitter.next();
  return { line, result: line && parseLine(line) };
}

test.each(seeds)('says the same of a line, whatever stands beside it: seed %i', (seed) => {
  for (const bytes of linesOf(seed)) {
    const among = parsed(bytes, '{"neighbour":"is ASCII"}\n');
    const beside = parsed(bytes, '{"neighbour":"ist es nicht: ü"}\n');
    expect([among.line?.ascii !== undefined, beside.line?.ascii]).toEqual([isAscii(bytes), undefined]);
    expect(among.result, bytes.toString('latin1')).toStrictEqual(beside.result);
    expect(among.line).toMatchObject({
      bytes: bytes.length + 1,
      content: beside.line?.content,
      length: beside.line?.length,
    });
    expect(among.line?.isBlank).toBe(/^[ \t\r]*$/.test(bytes.toString('latin1')));
  }
});
