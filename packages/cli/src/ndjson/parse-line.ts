import { isUtf8 } from 'node:buffer';
import { type Document, type DocumentValue, isDocument, parseDocument } from '@aftercommit/models';
import { binaryFormat, formatAdvice } from './foreign-format.js';
import { findJsonFault } from './json-fault.js';
import type { Line } from './line-splitter.js';

/** A line as a document, or why it is none: the end of a sentence about the line that shows nothing of it. */
export type ParsedLine = { document: Document } | LineProblem;

/** Why a line is no document. */
export type LineProblem = {
  problem: string;
  /** 1-based, in UTF-16 units. Undefined: it is the whole line. */
  column?: number;
  /** Whether the line could still become a document by what is appended to it. */
  isIncomplete: boolean;
  /** What to do about it. Undefined: correct it. */
  advice?: string | undefined;
  /** What to do if it is the first line: everything is of another format. Undefined: what is to be done of any. */
  adviceIfFirst?: string | undefined;
};

/** Reads one line. */
export function parseLine(line: Line): ParsedLine {
  const document = line.ascii === undefined ? undefined : documentOf(line.ascii);
  return document === undefined ? parseContent(line.content) : { document };
}

/** The document that a text is. Undefined: it is none. Of ASCII that is one, nothing else has to be known. */
function documentOf(text: string): Document | undefined {
  try {
    const value = parseDocument(text);
    return isDocument(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function parseContent(content: Buffer): ParsedLine {
  const binary = binaryFormat(content);
  if (binary !== undefined) return { ...binary, isIncomplete: false };
  if (!isUtf8(content)) {
    return { problem: `is not UTF-8 (byte ${firstForeignByte(content)} of the line)`, isIncomplete: true };
  }
  const text = content.toString('utf8');
  let value: DocumentValue;
  try {
    value = parseDocument(text);
  } catch (error) {
    return { ...jsonProblem(text, error), isIncomplete: true, adviceIfFirst: formatAdvice(text) };
  }
  if (isDocument(value)) return { document: value };
  const problem = `is ${kindOf(value)}, not a JSON object`;
  return { problem, isIncomplete: false, adviceIfFirst: formatAdvice(text) };
}

function jsonProblem(text: string, error: unknown): Pick<LineProblem, 'problem' | 'column'> {
  if (!(error instanceof SyntaxError)) throw error;
  const fault = findJsonFault(text);
  // The only thing that is JSON and refused all the same.
  if (fault === undefined) return { problem: 'is nested too deeply' };
  return { problem: `is not JSON (${fault.reason})`, column: fault.column };
}

function kindOf(value: Exclude<DocumentValue, Document>): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'boolean' ? 'a boolean' : 'a number';
}

/** 1-based. What is no UTF-8 decodes to a replacement, and so differs when it is encoded again. */
function firstForeignByte(content: Buffer): number {
  const encodedAgain = Buffer.from(content.toString('utf8'));
  return content.findIndex((byte, index) => byte !== encodedAgain[index]) + 1;
}
