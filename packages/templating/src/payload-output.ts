import { renderError } from './render-error.js';
import type { TextPosition } from './template-error.js';
import { templateLimits } from './template-limits.js';
import type { Statement } from './template-tree.js';
import { advance } from './text-position.js';

/** A payload, and which place of the template each part of it comes from. */
export type RenderedPayload = {
  /** What was printed, whether it is JSON or not. */
  readonly text: string;
  /** The place in the template that printed what stands at this offset of `text`, in UTF-16 code units. */
  templatePositionAt(offset: number): TextPosition;
};

type Piece = { readonly end: number; readonly text: string; readonly statement: Statement };
/** The payload as it grows. */
export type PayloadOutput = { readonly pieces: Piece[]; length: number; steps: number };

export function emptyOutput(): PayloadOutput {
  return { pieces: [], length: 0, steps: 0 };
}

/** Counts one statement carried out. Throws beyond `templateLimits.steps`. */
export function countStep(statement: Statement, output: PayloadOutput): void {
  output.steps += 1;
  if (output.steps > templateLimits.steps) {
    throw renderError(statement.position, 'The template takes too many steps: put fewer {{#each}} inside one another.');
  }
}

export function finish({ pieces }: PayloadOutput): RenderedPayload {
  return {
    text: pieces.map(({ text }) => text).join(''),
    templatePositionAt: (offset) => templatePositionAt(pieces, offset),
  };
}

/** Prints a text. Throws beyond `templateLimits.payloadLength`. */
export function append(text: string, statement: Statement, output: PayloadOutput): void {
  if (text === '') return;
  output.length += text.length;
  if (output.length > templateLimits.payloadLength) {
    throw renderError(
      statement.position,
      `The payload grows beyond ${templateLimits.payloadLength} characters here: print less of it.`,
    );
  }
  output.pieces.push({ end: output.length, text, statement });
}

function templatePositionAt(pieces: readonly Piece[], offset: number): TextPosition {
  const piece = pieces.find(({ end }) => offset < end) ?? pieces.at(-1);
  if (piece === undefined) return { line: 1, column: 1 };
  const { statement } = piece;
  if (statement.kind !== 'text') return statement.position;
  // Whitespace control may have cut the text on the left: what was cut is passed too.
  const cut = Math.max(0, statement.original.indexOf(statement.text));
  const within = Math.min(offset - (piece.end - piece.text.length), piece.text.length);
  return advance(statement.position, statement.original.slice(0, cut + within));
}
