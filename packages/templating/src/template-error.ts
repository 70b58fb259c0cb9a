/** What is wrong with a template, or with a payload rendered from it. */
export type TemplateErrorCode =
  /** Handlebars cannot read the template, or the template is beyond a limit. */
  | 'TEMPLATE_SYNTAX'
  /** The template names a variable that does not exist. */
  | 'TEMPLATE_UNKNOWN_VARIABLE'
  /** The template uses a part of Handlebars, or a helper in a way, that is not offered. */
  | 'TEMPLATE_UNSUPPORTED'
  /** A variable had no value, or one that cannot be used there, while a payload was rendered. */
  | 'TEMPLATE_RENDER'
  /** The rendered payload does not parse as JSON. */
  | 'TEMPLATE_NOT_JSON';

/** A place in a text. Lines and columns (in UTF-16 code units) are counted from 1. */
export type TextPosition = { readonly line: number; readonly column: number };

/** One problem. The message names variables and places, never the value of a variable. */
export type TemplateIssue = TextPosition & {
  readonly code: TemplateErrorCode;
  /** What happened and what to write instead, without the place. */
  readonly message: string;
};

const marker = Symbol.for('aftercommit.TemplateError');

/** Carries every problem that was found; `code` is that of the first. Its message never contains the value of a variable. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly code: TemplateErrorCode;
  readonly issues: readonly TemplateIssue[];
  readonly [marker] = true;

  constructor(issues: readonly [TemplateIssue, ...TemplateIssue[]]) {
    super(issues.map(describeIssue).join('\n'));
    this.code = issues[0].code;
    this.issues = issues;
  }
}

/** Recognises a TemplateError, also one thrown by another copy of this package. */
export function isTemplateError(error: unknown): error is TemplateError {
  return typeof error === 'object' && error !== null && marker in error;
}

function describeIssue({ message, line, column }: TemplateIssue): string {
  return `Line ${line}, column ${column}: ${message}`;
}
