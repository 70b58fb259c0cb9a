import { UsageError } from '../errors/usage-error.js';

/** One thing that `init` has to know, and every way in which it may learn it. */
export type Question = {
  /** `Which fields identify a document?`, or a field: `url:`. */
  text: string;
  /** What helps to answer it. Undefined: nothing does. */
  about?: string;
  /** The option that answers it, as help has it: `--key <field>`. */
  option: string;
  /** What the option says. Undefined: it was not given. */
  given: string | undefined;
  /** What stands for an empty answer. Undefined: there has to be one. */
  usual: string | undefined;
  /** Some answers, for Tab. */
  proposals: readonly string[];
  /** Why an answer is none: a sentence that says what to write. Undefined: it is one. */
  problem(answer: string): string | undefined;
};

/** Learns an answer that no option has given: from a person, or by taking what is usual. */
export type Ask = (question: Question) => Promise<string>;

/**
 * The answer of the option, else what is asked for.
 *
 * @throws UsageError when the option says something that is no answer.
 */
export async function answerTo(question: Question, ask: Ask): Promise<string> {
  const { given, option } = question;
  if (given === undefined) return await ask(question);
  const problem = question.problem(given);
  if (problem === undefined) return given;
  throw new UsageError(`${option}: ${problem}`);
}

/** Asks nobody: takes what is usual. */
export const takeUsual: Ask = async ({ option, usual, problem }) => {
  if (usual === undefined) throw new UsageError(`${option} is missing: nothing is usual there, so say it.`);
  const found = problem(usual);
  if (found === undefined) return usual;
  throw new UsageError(`${option} is missing, and what is usual cannot be taken: ${found}`);
};
