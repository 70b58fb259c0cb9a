import type { NotRun } from './not-run.js';

/** One fenced block of a page, with what stands around it. */
export type Block = {
  /** The page's path, relative to the repository. */
  page: string;
  /** Of its fence, from 1. */
  line: number;
  /** As it stands at the fence. Empty: none does. */
  language: string;
  /** With a line feed at its end. */
  code: string;
  /** The file that a reader writes it to, relative to the page's folder. Undefined: none is named. */
  file: string | undefined;
  /** Why it is not run. Undefined: it is. */
  notRun: NotRun | undefined;
  /** What it ends with, where it is a command or a module. */
  exitCode: number;
  /** What it prints, by the text right below it. Undefined: the page does not show it. */
  shown: string | undefined;
};

/** Where a block is, as `page:line`. */
export const placeOf = ({ page, line }: Pick<Block, 'page' | 'line'>): string => `${page}:${line}`;
