import type { ConfigIssue } from '@aftercommit/models';

/** A place in a text. Lines and columns (in UTF-16 code units) are counted from 1. */
export type TextPosition = { line: number; column: number };

/** Something that is wrong, or looks wrong, in a spec, and where it stands in the file. */
export type SpecIssue = ConfigIssue &
  TextPosition & {
    /** The materialization that it is about; undefined: it is about none, or about all. */
    materialization?: string;
    /** The file; undefined: the spec itself. */
    file?: string;
  };
