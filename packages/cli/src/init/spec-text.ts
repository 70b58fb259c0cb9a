import type { JsonObject } from '@aftercommit/models';
import { stringify } from 'yaml';
import type { InitAnswers, InitTrigger } from './init-answers.js';

/** What is said of the spec in its comments. */
export type SpecWords = {
  /** As it is given to commands. */
  specPath: string;
  /** The file with the schema for editors, relative to the spec. Undefined: there is none. */
  schemaFile: string | undefined;
  /** Kinds of triggers that are built in. */
  kinds: readonly string[];
};

/** The text of a spec, with comments for whoever reads one for the first time. */
export function specText(answers: InitAnswers, words: SpecWords): string {
  const { data, key, name, endpoint, table, trigger } = answers;
  const [first] = data;
  return [
    ...(words.schemaFile === undefined ? [] : [`# yaml-language-server: $schema=${words.schemaFile}`]),
    '# What is read, where it goes, and who is told after each commit.',
    'collections:',
    `  ${scalar(name)}:`,
    '    # The fields that identify a document. Of documents with the same key the last one counts.',
    `    key: [${key.map(flowScalar).join(', ')}]`,
    '    # A file, a glob, a list of them, or "-" for standard input; relative to this file.',
    '    source:',
    ...block({ ndjson: data.length === 1 && first !== undefined ? first : data }, 6),
    '',
    'materializations:',
    `  ${scalar(`views/${name}`)}:`,
    '    # Where the rows go.',
    '    endpoint:',
    ...block({ [endpoint.kind]: endpoint.config }, 6),
    ...(endpoint.kind === 'postgres' ? ['        # password: a secret, which aftercommit seal encrypts'] : []),
    '    bindings:',
    `      - source: ${scalar(name)}`,
    '        resource:',
    '          # Made by the first run, with a column for each field.',
    ...block({ table }, 10),
    ...(trigger === undefined ? noTrigger(words) : triggerText(trigger, words)),
    '',
  ].join('\n');
}

function triggerText({ kind, fields, secrets }: InitTrigger, { specPath }: SpecWords): string[] {
  const isSecret = secrets.length > 0;
  return [
    '    # Who is told after each commit. aftercommit kinds says what can stand here.',
    '    triggers:',
    '      config:',
    ...(isSecret
      ? [`        # ${secrets.join(' and ')} must stay secret. To encrypt it: aftercommit seal ${specPath} --age age1…`]
      : []),
    ...block({ [kind]: { kind, ...fields } }, 8),
  ];
}

/** What fires nothing yet, and does when the comment signs are removed. */
function noTrigger({ kinds }: SpecWords): string[] {
  return [
    '    # Who is told after each commit: nobody yet. Remove the # from these lines, and name a URL of yours.',
    `    # kind can also be ${kinds.filter((kind) => kind !== 'webhook').join(', ')}: aftercommit kinds says what each needs.`,
    '    # triggers:',
    '    #   config:',
    '    #     webhook:',
    '    #       kind: webhook',
    '    #       url: http://localhost:8080/hook',
    `    #       payloadTemplate: ${scalar(usualPayload)}`,
  ];
}

/** The payload of a trigger whose kind has none of its own. */
export const usualPayload =
  '{"materialization": {{json materialization_name}}, "docs": {{docs_total}}, "run": {{json run_id}}}';

function block(value: JsonObject | { ndjson: string | readonly string[] }, indent: number): string[] {
  const text = stringify(value, { lineWidth: 0 }).trimEnd();
  return text.split('\n').map((line) => (line === '' ? '' : `${' '.repeat(indent)}${line}`));
}

function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}

/** Of a list in brackets, where commas and brackets mean something. */
function flowScalar(text: string): string {
  return /^[\w/.~-]+$/.test(text) ? scalar(text) : JSON.stringify(text);
}
