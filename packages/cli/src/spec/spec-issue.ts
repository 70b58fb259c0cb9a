import type { ConfigIssue, ConfigIssueCode } from '@aftercommit/models';
import type { PluginFailureCode } from '../kinds/plugin-failure.js';

/** A place in a text. Lines and columns (in UTF-16 code units) are counted from 1. */
export type TextPosition = { line: number; column: number };

/** A place in one of the files of a spec. */
export type FilePlace = TextPosition & {
  /** Undefined: the spec itself. */
  file?: string;
};

/** What can be wrong with a spec: with what is configured, and with the plugins that it lists. */
export type SpecIssueCode = ConfigIssueCode | PluginFailureCode;

/** Something that is wrong, or looks wrong, in a spec, and where it stands in the file. */
export type SpecIssue = Omit<ConfigIssue, 'code'> &
  FilePlace & {
    code: SpecIssueCode;
    /** The materialization that it is about; undefined: it is about none, or about all. */
    materialization?: string;
  };
