/** Random numbers from a seed, so that what was found can be found again. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** At least 0 and below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }
}

const words = [
  '',
  ' ',
  'a',
  'key',
  '10',
  '2',
  '007',
  '-1',
  '1e3',
  '0x1F',
  '1_000',
  '.5',
  '+5',
  '12:30:00',
  '2024-01-01',
  '2024-01-01T00:00:00Z',
  'true',
  'True',
  'yes',
  'no',
  'on',
  'null',
  '~',
  '.nan',
  '.inf',
  '<<',
  '=',
  '!tag',
  '&anchor',
  '*alias',
  '# comment',
  'a: b',
  'a #b',
  '- a',
  '[x]',
  '{x}',
  '%directive',
  '@at',
  '`tick',
  '"double"',
  "'single'",
  '|',
  '>',
  '---',
  '...',
  'ENC[AES256_GCM',
  'sops_',
  '__proto__',
  'constructor',
  'line\nbreak',
  'line\r\nbreak',
  'tab\there',
  ' lead',
  'trail ',
  '\n',
  'käse',
  '日本',
  '😀',
  '\u2028',
  '\u0085',
  '\ufeff',
  '\u0000',
  '\u001b[0m',
  '\u007f',
  '\\',
  '\\n',
  '/',
  '<b>&',
  'x'.repeat(300),
  'a:b',
  'ſ',
  '\u{10FFFD}',
  '\ud83d\ude00\u200d',
];
const numbers = [
  0,
  1,
  -1,
  42,
  2 ** 31,
  -(2 ** 31),
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  0.1,
  -1.25,
  1e-7,
  5e-324,
  1e21,
  1.5e300,
  -1e22,
  123456.789,
  1e15 + 0.5,
];

/** Any document that every release of sops reads as it is meant. */
export function randomDocument(random: SeededRandom): object {
  return randomFields(random, 0);
}

function randomFields(random: SeededRandom, depth: number): object {
  const entries = Array.from({ length: random.below(6) + (depth === 0 ? 1 : 0) }, (): [string, unknown] => {
    const name = random.pick(words) + (random.below(3) === 0 ? random.pick(['_sops', '_unencrypted', '_x']) : '');
    return [name, randomValue(random, depth + 1)];
  });
  return Object.fromEntries(entries.filter(([name]) => depth > 0 || name !== 'sops'));
}

function randomValue(random: SeededRandom, depth: number): unknown {
  switch (random.below(depth > 4 ? 4 : 7)) {
    case 0:
      return random.pick(numbers);
    case 1:
      return random.pick([true, false, null]);
    case 2:
    case 3:
      return random.pick(words) + (random.below(2) === 0 ? random.pick(words) : '');
    case 4:
      return Array.from({ length: random.below(4) }, () => randomValue(random, depth + 1));
    default:
      return randomFields(random, depth);
  }
}
