import { type KindSchemas, stripTriggers } from '@aftercommit/models';
import { expect, it } from 'vitest';
import { SeededRandom } from '../test/random-documents.js';
import { keySources, schemaOf, sealer } from '../test/sample-kinds.js';
import { decryptDocument } from './decrypt-document.js';
import { toOrdered } from './ordered-value.js';
import { sealTriggers } from './seal-triggers.js';
import { unsealTriggers } from './unseal-triggers.js';
import { writeDocument } from './write-document.js';

const texts = [
  '',
  'a',
  's3cr3t',
  '10',
  'true',
  'null',
  '2024-01-01',
  'käse 😀',
  'line\nbreak',
  '\u2028',
  ': #',
  "'",
  '"',
  '\\',
];
const names = ['dbt', '10', '2', 'A.b_c-d', 'constructor', 'toString', '0x1', 'true', 'null', '1e3'];

it('random triggers open as they were sealed, also after their nonsensitive fields were changed', async () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const random = new SeededRandom(seed);
    const format = random.pick(['json', 'yaml'] as const);
    const triggers = randomTriggers(random);
    const { value, text } = await sealTriggers(triggers, { schemaOf, sealer, format });
    const options = { schemaOf, keySources, format };
    expect(await unsealTriggers(text, options), `seed ${seed}`).toEqual(triggers);

    const stripped = writeDocument(toOrdered(stripTriggers(value, schemaOf), 'it'), format);
    await expect(decryptDocument(stripped, { format, keySources }), `seed ${seed}`).resolves.toBeDefined();
    expect(await unsealTriggers(stripped, options), `seed ${seed}`).toEqual(strip(triggers, schemaOf));
  }
});

const strip = (triggers: object, schemas: KindSchemas): unknown => stripTriggers(triggers, schemas);

function randomTriggers(random: SeededRandom): object {
  const used = new Set(Array.from({ length: random.below(5) }, () => random.pick(names)));
  const config = Object.fromEntries(
    [...used].map((name) => [name, random.below(3) === 0 ? queue(random) : hook(random)]),
  );
  return { ...some(random, { interval: '10m' }), config };
}

function hook(random: SeededRandom): object {
  const headers = Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [
      random.pick(['A', '10', '2', 'X-Käse', '__proto__', 'sops']),
      random.pick(texts),
    ]),
  );
  const url = `https://example.com/${random.below(100)}`;
  return shuffled(random, {
    url,
    payloadTemplate: '{}',
    ...some(random, { headers }),
    ...some(random, { method: 'PUT' }),
    ...common(random),
  });
}

function queue(random: SeededRandom): object {
  const login = {
    user: random.pick(texts),
    password: random.pick(texts),
    ...some(random, { pin: random.below(2 ** 31) }),
  };
  const keys = Array.from({ length: random.below(3) }, () => random.pick(texts));
  const peers = Array.from({ length: random.below(3) }, () => ({
    host: random.pick(texts),
    password: random.pick(texts),
  }));
  const certificate = { pem: random.pick(texts), chain: keys, isRoot: random.below(2) === 0 };
  const own = {
    ...some(random, { login }),
    ...some(random, { keys }),
    ...some(random, { peers }),
    ...some(random, { certificate }),
  };
  const template = some(random, { payloadTemplate: '[]' });
  return shuffled(random, { kind: 'queue', address: 'mq', ...template, ...own, ...common(random) });
}

function common(random: SeededRandom): object {
  return {
    ...some(random, { timeout: '3s' }),
    ...some(random, { maxAttempts: random.below(5) }),
    ...some(random, { onFailure: 'park' }),
  };
}

function some(random: SeededRandom, fields: object): object {
  return random.below(2) === 0 ? fields : {};
}

function shuffled(random: SeededRandom, fields: object): object {
  return Object.fromEntries(
    Object.entries(fields)
      .map((entry) => [random.below(1_000), entry] as const)
      .sort(([left], [right]) => left - right)
      .map(([, entry]) => entry),
  );
}
