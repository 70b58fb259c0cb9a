import { DurationSchema } from '@aftercommit/models';
import type { catalogFields } from '../spec/catalog-fields.js';
import { catalogNamePattern } from '../spec/catalog-name.js';
import { keyPointerPattern } from '../spec/collection-key.js';
import { defaultMaxDocs, mostMaxDocs } from '../spec/read-transactions.js';
import { orEmpty, type Schema } from './json-schema.js';

/** The fields of a section of catalogs: one schema for each that the reader knows, and no other. */
export type FieldSchemas<Section extends keyof typeof catalogFields> = Readonly<
  Record<(typeof catalogFields)[Section][number], Schema>
>;

/** A field that other programs read. */
export const passedOver: Schema = { description: 'Of other programs: passed over here.' };

export const catalogName: Schema = { type: 'string', pattern: catalogNamePattern };

const pattern: Schema = { type: 'string', minLength: 1 };

export const collectionFields: FieldSchemas<'collection'> = {
  key: {
    description: 'JSON pointers to the fields that identify a document.',
    type: 'array',
    items: { type: 'string', pattern: keyPointerPattern },
    minItems: 1,
    uniqueItems: true,
  },
  source: {
    description: 'Where its documents come from.',
    type: 'object',
    required: ['ndjson'],
    properties: {
      ndjson: {
        description: 'A file, a glob, a list of them, or "-" for standard input; relative to the spec.',
        anyOf: [pattern, { type: 'array', items: pattern, minItems: 1 }],
      },
    } satisfies FieldSchemas<'collectionSource'>,
    additionalProperties: false,
  },
  reduce: {
    description: 'last: of documents with the same key the last one counts. merge: they are merged (RFC 7396).',
    enum: ['last', 'merge'],
    default: 'last',
  },
  schema: passedOver,
  writeSchema: passedOver,
  readSchema: passedOver,
  projections: passedOver,
  journals: passedOver,
  derive: passedOver,
  derivation: passedOver,
  expectPubId: passedOver,
  delete: passedOver,
  reset: passedOver,
};

const duration: Schema = { ...DurationSchema };

export const transactionsFields: FieldSchemas<'transactions'> = {
  maxDocs: orEmpty({
    description: 'A transaction ends when it has read so many documents.',
    type: 'integer',
    minimum: 1,
    maximum: mostMaxDocs,
    default: defaultMaxDocs,
  }),
  maxDuration: orEmpty({ ...duration, description: 'A transaction ends when it has lasted so long.', default: '1s' }),
  minDuration: orEmpty({ ...duration, description: 'A transaction lasts at least so long.', default: '0s' }),
};

export const shardsFields: FieldSchemas<'shards'> = {
  disable: { description: 'true: the materialization is checked, and not run.', type: 'boolean', default: false },
  minTxnDuration: orEmpty({ ...duration, description: 'Stands for transactions.minDuration where that is not set.' }),
  maxTxnDuration: orEmpty({ ...duration, description: 'Stands for transactions.maxDuration where that is not set.' }),
  hotStandbys: passedOver,
  ringBufferSize: passedOver,
  readChannelSize: passedOver,
  logLevel: passedOver,
};

const connectorFields: FieldSchemas<'connector'> = {
  image: { description: 'The image of the connector.', type: 'string', minLength: 1 },
  config: { description: 'Its configuration, which is not looked at here.' },
};

const localFields: FieldSchemas<'local'> = { command: {}, config: {}, env: {}, protobuf: {} };

const dekafFields: FieldSchemas<'dekaf'> = { variant: {}, config: {} };

const notRunHere = 'Validates here, and cannot be run here.';
const image: Schema = { description: notRunHere, type: 'object', required: ['image'], properties: connectorFields };

/** Endpoints for which no connector is installed. */
export const foreignEndpoints: Readonly<Record<string, Schema>> = {
  connector: image,
  flowSink: image,
  local: { description: notRunHere, type: 'object', properties: localFields },
  dekaf: { description: notRunHere, type: 'object', properties: dekafFields },
};
