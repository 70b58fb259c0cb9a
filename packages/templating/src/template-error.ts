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

/** A place in a text. */
export type TextPosition = {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
};

/** One problem. The message names variables and places, never the value of a variable. */
export type TemplateIssue = TextPosition & {
  /** What is wrong, for programs. */
  readonly code: TemplateErrorCode;
  /** What happened and what to write instead, without the place. */
  readonly message: string;
};

const marker = Symbol.for('aftercommit.TemplateError');

/** Carries every problem that was found; `code` is that of the first. Its message never contains the value of a variable. */
export class TemplateError extends Error {
  /** The same in every copy of the package. */
  override readonly name = 'TemplateError';
  /** That of the first issue. */
  readonly code: TemplateErrorCode;
  /** Every problem, in the order of the template. Never empty. */
  readonly issues: readonly TemplateIssue[];
  /** What `isTemplateError` looks for. */
  readonly [marker] = true;

  /** The message lists every issue with its place, a line each. */
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
