import type { FilePlace, TextPosition } from '../spec/spec-issue.js';
import { prettyJson } from '../terminal/pretty-json.js';
import { oneLine, safeLines } from '../terminal/readable-text.js';
import { markedText } from './marked-text.js';
import type { LocatedFault, PreviewedTrigger } from './previewed-trigger.js';

/** What every delivery's key looks like. */
export const keyForm = 'msg_<32 hex digits>';

/**
 * What a trigger would send, for people.
 *
 * @param specPath What the spec is called.
 */
export function previewLines(previewed: PreviewedTrigger, specPath: string): string[] {
  const { trigger, kind, target, method, headers, payload } = previewed;
  const how = method === null ? kind : `${kind}, ${method}`;
  return [
    `  ${trigger}`,
    field('delivers to', `${oneLine(target)} (${oneLine(how)})`),
    ...(headers.length === 0 ? [] : [field('headers', `${oneLine(headers.join(', '))}; values are not shown`)]),
    field('key', `${keyForm}, the same for every attempt of a delivery`),
    ...(payload.faults.length === 0
      ? ['    payload', ...indented(prettyJson(safeLines(payload.text ?? '')).split('\n'))]
      : payload.faults.flatMap((fault) => faultLines(fault, previewed, specPath))),
  ];
}

/** What is wrong, the text with a mark there, and where the template has it. */
function faultLines(fault: LocatedFault, { payload, template }: PreviewedTrigger, specPath: string): string[] {
  const { message, inTemplate, inPayload, inFile } = fault;
  const made = payload.text === null ? 'CANNOT BE MADE.' : 'WOULD NOT BE SENT.';
  const place = inPayload === null ? '' : ` Line ${inPayload.line}, column ${inPayload.column}:`;
  const text = inPayload === null ? template : payload.text;
  return [
    field('payload', `${made}${place} ${oneLine(message)}`),
    ...(text === null ? [] : indented(markedText(visible(text), inPayload ?? inTemplate))),
    field('template', inFile === null ? placeInTemplate(inTemplate) : placeInFile(inFile, specPath)),
  ];
}

function placeInTemplate({ line, column }: TextPosition): string {
  return `payloadTemplate, line ${line}, column ${column}`;
}

function placeInFile({ file, line, column }: FilePlace, specPath: string): string {
  return `${file ?? specPath}:${line}:${column}`;
}

/** As `safeLines`, character for character: columns stay what they are. */
function visible(text: string): string {
  return text.replaceAll(/(?!\n)\p{Cc}/gu, ' ');
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `      ${line}`);
}

/** As wide as the longest label, and the space behind it. */
const labelWidth = 'delivers to'.length + 2;

function field(label: string, text: string): string {
  return `    ${label.padEnd(labelWidth)}${text}`;
}
