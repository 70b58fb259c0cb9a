import { withOptionalDefaults } from '@aftercommit/models';
import type { ConnectorKind } from '@aftercommit/runtime-adapter';
import { catalogFields } from '../spec/catalog-fields.js';
import type { Installed } from '../spec/read-materialization.js';
import {
  catalogName,
  collectionFields,
  type FieldSchemas,
  foreignEndpoints,
  passedOver,
  shardsFields,
  transactionsFields,
} from './field-schemas.js';
import { named, orEmpty, type Schema, when } from './json-schema.js';
import { triggersOf, unlessSealed } from './triggers-schema.js';

/**
 * The JSON Schema of a spec, for editors: in draft-07, which all of them know. What `validate` accepts, it accepts. It refuses
 * what a schema can see: names, types and limits of fields; that a collection is there, or that a template renders JSON, it cannot see.
 */
export function specSchema({ registry, connectors }: Pick<Installed, 'registry' | 'connectors'>): Schema {
  const { triggers, trigger } = triggersOf(registry);
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Spec of aftercommit',
    description: 'What is read, where it goes, and who is told after each commit.',
    type: 'object',
    properties: { ...topFields, ...indentedFields() },
    patternProperties: {
      '^(?!x-).*/': noFieldHere(
        'A name of a collection or a materialization stands below collections or materializations.',
      ),
    },
    additionalProperties: {
      not: { type: 'object', anyOf: ['endpoint', 'bindings', 'key', 'source'].map((name) => ({ required: [name] })) },
    },
    definitions: {
      collection: { type: 'object', properties: collectionFields },
      materialization: materializationOf(connectors),
      triggers,
      trigger,
    },
  };
  // As it is printed: without what TypeBox keeps beside the JSON, and without fields that are undefined.
  return JSON.parse(JSON.stringify(schema)) as Schema;
}

const topFields: FieldSchemas<'top'> = {
  collections: orEmpty({
    description: 'Named sets of documents, and where they come from.',
    type: 'object',
    propertyNames: catalogName,
    additionalProperties: { $ref: '#/definitions/collection' },
  }),
  materializations: orEmpty({
    description: 'What keeps the tables of an endpoint up to date with collections.',
    type: 'object',
    propertyNames: catalogName,
    additionalProperties: { $ref: '#/definitions/materialization' },
  }),
  plugins: orEmpty({
    description: 'Modules with trigger kinds, which are loaded only with --allow-plugins.',
    type: 'array',
    items: { type: 'string' },
  }),
  captures: passedOver,
  tests: passedOver,
  import: passedOver,
  storageMappings: passedOver,
  resources: passedOver,
  $schema: passedOver,
  npmDependencies: passedOver,
  nodeDependencies: passedOver,
};

/** Fields of sections, which stand at the top when they were not indented. */
function indentedFields(): Schema {
  const names = [...catalogFields.collection, ...catalogFields.materialization].filter(
    (name) => !Object.hasOwn(topFields, name),
  );
  return Object.fromEntries(
    names.map((name) => [name, noFieldHere(`${name} belongs to a collection or a materialization: indent it.`)]),
  );
}

/** What must not stand somewhere; editors do not propose it. */
function noFieldHere(errorMessage: string): Schema {
  return { not: {}, errorMessage, doNotSuggest: true };
}

function materializationOf(connectors: readonly ConnectorKind[]): Schema {
  return {
    type: 'object',
    required: ['endpoint', 'bindings'],
    properties: {
      ...materializationFields,
      endpoint: {
        description: 'Where the rows go.',
        type: 'object',
        properties: { ...Object.fromEntries(connectors.map((one) => [one.name, configOf(one)])), ...foreignEndpoints },
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
      },
    },
    allOf: connectors.map(({ name, resourceSchema }) =>
      when(
        { properties: { endpoint: { type: 'object', required: [name] } }, required: ['endpoint'] },
        {
          properties: {
            ...named(catalogFields.materialization),
            bindings: { items: installedBinding(closed(resourceSchema)) },
          },
          additionalProperties: false,
        },
      ),
    ),
  };
}

function configOf({ configSchema }: ConnectorKind): Schema {
  const { title, description }: Schema = { ...configSchema };
  return { title, description, type: 'object', ...unlessSealed(closed(configSchema)) };
}

/** As `checkSettings` takes it: no other fields, and those with a default may be left out. */
function closed(schema: ConnectorKind['configSchema']): Schema {
  const required = (schema.required ?? []).filter((name) => !('default' in (schema.properties[name] ?? {})));
  return { ...schema, properties: withOptionalDefaults(schema), required, additionalProperties: false };
}

const bindingSourceFields: FieldSchemas<'bindingSource'> = {
  name: { description: 'The collection that is read.', ...catalogName },
  partitions: passedOver,
  notBefore: passedOver,
  notAfter: passedOver,
};

const bindingFields: FieldSchemas<'binding'> = {
  source: {
    description: 'The collection that is read.',
    type: ['string', 'object'],
    pattern: catalogName['pattern'],
    properties: bindingSourceFields,
  },
  resource: { description: 'Where its rows go.' },
  disable: { description: 'true: this binding is left out.', type: 'boolean', default: false },
  fields: passedOver,
  partitions: passedOver,
  priority: passedOver,
  backfill: passedOver,
  onIncompatibleSchemaChange: passedOver,
};

const materializationFields: FieldSchemas<'materialization'> = {
  endpoint: {},
  bindings: {
    description: 'Which collections go where.',
    type: 'array',
    items: {
      type: 'object',
      properties: { disable: bindingFields.disable },
      ...unlessDisabled({
        required: ['source'],
        properties: bindingFields,
        ...when({ properties: { source: { type: 'object' } } }, { properties: { source: { required: ['name'] } } }),
      }),
    },
  },
  triggers: { $ref: '#/definitions/triggers' },
  transactions: orEmpty({
    description: 'When a transaction has read enough. It ends earlier when there is no more at hand.',
    type: 'object',
    properties: transactionsFields,
    additionalProperties: false,
  }),
  shards: orEmpty({
    description: 'What catalogs say of the processes that run a task.',
    type: 'object',
    properties: shardsFields,
  }),
  source: passedOver,
  sourceCapture: passedOver,
  onIncompatibleSchemaChange: passedOver,
  expectPubId: passedOver,
  delete: passedOver,
  reset: passedOver,
};

/** Of an endpoint that can run here. Who asks for a part of a collection is refused. */
function installedBinding(resource: Schema): Schema {
  const selections = { partitions: nothing, notBefore: nothing, notAfter: nothing };
  return {
    properties: named(catalogFields.binding),
    additionalProperties: false,
    ...unlessDisabled({
      required: ['resource'],
      properties: {
        resource,
        partitions: nothing,
        source: { properties: { name: true, ...selections }, additionalProperties: false },
      },
    }),
  };
}

const nothing: Schema = { description: 'Not supported here: the whole collection is read.', type: 'null' };

/** A binding that is disabled is not looked at. */
function unlessDisabled(schema: Schema): Schema {
  return when({ properties: { disable: { const: true } }, required: ['disable'] }, true, schema);
}
