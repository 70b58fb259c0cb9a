import type { Document, DocumentValue } from '@aftercommit/models';
import type { ConnectorCase } from './connector-bench.js';
import {
  appended,
  appendedDocument,
  assertAnswers,
  compoundDocument,
  keysOf,
  plain,
  plainDocument,
} from './connector-documents.js';

/** Documents that endpoints are known to bend: each is the fields beside the key. */
const oddDocuments: Record<string, Document> = {
  'a document of its key alone': {},
  'nested objects and arrays': { a: { b: { c: [1, [2, [3, { d: null }]], {}] } }, list: [], object: {} },
  'integers that a double cannot hold': {
    up: 9007199254740993n,
    down: -9007199254740993n,
    edge: 9223372036854775807n,
    other: -9223372036854775808n,
  },
  'integers beyond 64 bits': { v: 18446744073709551616n, w: -123456789012345678901234567890n },
  'large integers within objects and arrays': { a: { b: [9007199254740993n, { c: 9223372036854775808n }] } },
  'numbers at the edge': { v: [0.1, 1e-7, 1e21, 5e-324, 1.7976931348623157e308, -1.5, 2 ** 53 - 1], w: 1e-7, x: 1e21 },
  'zero for negative zero': { v: -0, w: [-0] },
  'whole numbers, fractions and texts that look alike': { a: 1, b: 1.5, c: '1', d: '1.0', e: true, f: '01', g: 'true' },
  'true, false and null': { yes: true, no: false, nothing: null },
  'empty texts, arrays and objects': { text: '', array: [], object: {} },
  'texts with NUL, quotes and line ends': { v: 'a\u0000b"c\'d\\e\r\n\u2028\u2029</script>', w: '\u0000' },
  'texts beyond the basic plane': { v: '😀𐍈\u{10ffff}' },
  'lone surrogates': { v: '\ud800', w: ['\udc00 \ud83d'] },
  'texts that could be normalised': { v: ['\u00e9', 'e\u0301', '\ufb01', '\ufeff'], w: ' spaces ', x: 'e\u0301' },
  'texts that look like JSON, dates and numbers': {
    a: '{"a":1}',
    b: '[]',
    c: 'null',
    d: '2024-01-01',
    e: '1e5',
    f: '',
  },
  'field names with quotes, dots and slashes': {
    '"': 1,
    "'": 2,
    '`': 3,
    'a.b': 4,
    'a/b': 5,
    'a~b': 6,
    '\\': 7,
    '[0]': 8,
    '?': 9,
    $a: 10,
    ':a': 11,
    '@a': 12,
    'a;--': 13,
    'a\nb': 14,
  },
  'field names that are empty, blank or odd': {
    '': 1,
    ' ': 2,
    'a ': 3,
    'a\u0000b': 4,
    é: 5,
    '😀': 6,
    '\ud800': 7,
    '0': 8,
  },
  'field names that differ in letter case': { name: 1, Name: 2, NAME: 3, ID: 4, É: 5, é: 6 },
  'field names that endpoints have for themselves': {
    rowid: 1,
    oid: 2,
    _rowid_: 3,
    select: 4,
    table: 5,
    flow_document: 6,
    FLOW_DOCUMENT: 7,
    _meta: { uuid: 'x' },
    key: 8,
    document: 9,
  },
  'field names that objects are born with': JSON.parse(
    '{"__proto__":{"a":1},"constructor":2,"toString":null,"hasOwnProperty":[],"nested":{"__proto__":5}}',
  ),
  'a field name that is long': { ['n'.repeat(300)]: 1 },
  'two hundred fields': Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`field ${index}`, index])),
  'a text of 1 MiB': { v: 'é'.repeat(512 * 1024) },
  'values that are nested deeply': {
    v: Array.from({ length: 200 }).reduce<DocumentValue>((inner) => ({ a: [inner] }), 'deep'),
  },
};

/** Documents come back exactly, to a reader and to load. */
export const documentCases: ConnectorCase[] = [
  ...Object.entries(oddDocuments).map(
    ([name, fields]): ConnectorCase => ({
      title: `keeps ${name}`,
      async run(bench) {
        const documents = [plainDocument(1, fields), compoundDocument('a', 1, fields), plainDocument(2, { other: 1 })];
        await bench.write(documents);
        await bench.assertRows(plain, documents, 'after the transaction');
        assertAnswers(await (await bench.open()).lookUp(keysOf(documents)), documents);
      },
    }),
  ),
  {
    title: 'keeps odd documents side by side, and appends them exactly',
    needs: 'hasDeltaBinding',
    async run(bench) {
      const documents = Object.values(oddDocuments).flatMap((fields, index) => [
        plainDocument(index, fields),
        appendedDocument(index, fields),
      ]);
      await bench.write(documents);
      await bench.assertRows(plain, documents, 'after the transaction');
      await bench.assertRows(appended, documents, 'after the transaction');
    },
  },
];
