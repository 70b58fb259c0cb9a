import type { Window } from '@aftercommit/models';
import type { Redactor } from '@aftercommit/registry/redaction';
import {
  checkJson,
  compileTemplate,
  isTemplateError,
  type RenderedPayload,
  shapeOf,
  type TemplateErrorCode,
  type TextPosition,
  windowShape,
} from '@aftercommit/templating';
import type { DraftTrigger } from './compiled-trigger.js';

/** What a trigger would send, and what is wrong with it. */
export type PayloadPreview = {
  /** Without secrets: `[redacted]` stands for them. Beyond 100,000 characters it is cut. Null: nothing can be rendered. */
  text: string | null;
  /** None: it would be sent. */
  faults: PayloadFault[];
};

/** Why a payload would not be sent. */
export type PayloadFault = {
  /** What sort of fault it is, for programs. */
  code: TemplateErrorCode;
  /** What is wrong and what to write instead, without the place. Quotes no value. */
  message: string;
  /** Where in the template. */
  inTemplate: TextPosition;
  /** Where in the text, as it is shown. Null: the fault is met before there is one, or behind where it is cut. */
  inPayload: TextPosition | null;
};

/** What a redactor writes in the place of a secret. */
const redacted = '[redacted]';

/** What is shown of a payload, in characters. */
const longestPayload = 100_000;

/** Renders a payload to be looked at; what is wrong with it or with its template is told, and not thrown. */
export function previewPayload(
  { payloadTemplate, templateContext }: Pick<DraftTrigger, 'payloadTemplate' | 'templateContext'>,
  window: Window,
  redactor: Redactor,
): PayloadPreview {
  const own = Object.entries(templateContext).map(([name, value]) => [name, shapeOf(value)] as const);
  try {
    const template = compileTemplate(payloadTemplate, { ...Object.fromEntries(own), ...windowShape });
    return shown(template.trace({ ...templateContext, ...window }), redactor);
  } catch (error) {
    if (!isTemplateError(error)) throw error;
    const faults = error.issues.map(({ code, message, line, column }) => ({
      code,
      message: redactor.scrub(message),
      inTemplate: { line, column },
      inPayload: null,
    }));
    return { text: null, faults };
  }
}

function shown(payload: RenderedPayload, redactor: Redactor): PayloadPreview {
  const text = redactor.scrub(payload.text, longestPayload);
  const issue = checkJson(payload.text);
  if (issue === undefined) return { text, faults: [] };
  const { code, message, line, column } = issue;
  const offset = offsetOf(payload.text, { line, column });
  const inTemplate = payload.templatePositionAt(offset);
  return {
    text,
    faults: [{ code, message, inTemplate, inPayload: placeInShown(payload.text, offset, text, redactor) }],
  };
}

/** Where an offset of a text is in what is shown of it. Of one that is within a secret, where `[redacted]` begins. */
function placeInShown(text: string, offset: number, shownText: string, redactor: Redactor): TextPosition | null {
  const scrub = (part: string): string => redactor.scrub(part, longestPayload);
  const before = text === shownText ? text.slice(0, offset) : scrub(text.slice(0, offset));
  let length = 0;
  while (length < before.length && before[length] === shownText[length]) length += 1;
  if (length >= longestPayload) return null;
  // The beginning of a secret is taken out, too, where a text ends with it.
  const isWithin = length < before.length || (text !== shownText && before + scrub(text.slice(offset)) !== shownText);
  const from = isWithin && before.endsWith(redacted) ? before.length - redacted.length : length;
  return positionAt(shownText, Math.min(from, length));
}

function offsetOf(text: string, { line, column }: TextPosition): number {
  const lines = text.split('\n').slice(0, line - 1);
  return lines.reduce((offset, { length }) => offset + length + 1, column - 1);
}

function positionAt(text: string, offset: number): TextPosition {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
