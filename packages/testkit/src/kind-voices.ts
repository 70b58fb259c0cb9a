import fs from 'node:fs';
import { inspect } from 'node:util';
import type { Logger } from '@aftercommit/registry';
import { Redactor } from '@aftercommit/registry/redaction';
import type { KindScope } from './kind-scope.js';
import { Patches } from './patches.js';

/** How an error chain is followed at most: errors may be their own cause. */
const deepestCause = 10;

/** Such as `Bearer secret`: by themselves its words stand in many an honest message. */
const plainWords = /^[A-Za-z]+(?: [A-Za-z]{1,12})+$/;

/** So much of a secret in one piece is found by itself. In characters. */
const longestPiece = 8;

const printers = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const;

/** Everything that a kind says where people can read it: outcomes, errors, messages, and what it prints. */
export class KindVoices {
  readonly #said: Array<{ where: string; text: string }> = [];
  readonly #patches = new Patches();

  constructor(scope: KindScope) {
    const listening =
      (where: string, original: (...args: unknown[]) => unknown) =>
      (...args: unknown[]): unknown => {
        if (scope.isInside) this.heard(where, args.map(printed).join(' '));
        return original(...args);
      };
    const replace = (target: object, name: string, where: string, self: object): void => {
      const functions = target as Record<string, (...args: unknown[]) => unknown>;
      this.#patches.replace(functions, name, (original) => listening(where, original.bind(self)));
    };
    for (const name of printers) replace(console, name, `console.${name}()`, console);
    for (const name of ['stdout', 'stderr'] as const) replace(process[name], 'write', `process.${name}`, process[name]);
    // Past both, to what they are: file 1 and file 2.
    for (const name of ['write', 'writeSync'] as const) {
      this.#patches.replace(fs as unknown as Record<string, (...args: unknown[]) => unknown>, name, (original) => {
        const heard = listening('standard output', original);
        return (...args) => (args[0] === 1 || args[0] === 2 ? heard(...args) : original(...args));
      });
    }
  }

  readonly logger: Logger = {
    info: (message, fields) => this.heard('a log message', printed([message, fields])),
    warn: (message, fields) => this.heard('a log message', printed([message, fields])),
  };

  heard(where: string, text: string): void {
    this.#said.push({ where, text });
  }

  /** As a program prints it that does not catch it: with its properties and its trace. */
  heardWhole(where: string, error: unknown): void {
    // What ends there is not cut.
    this.heard(where, `${printed(error)} |`);
  }

  /** Its message, and those of its causes: whoever catches it may print them all. */
  heardError(where: string, error: unknown): void {
    for (const text of errorTexts(error, deepestCause)) this.heard(where, text);
  }

  /** Where a secret was said, each place once: in clear, or in a spelling that the core would take out. */
  leaks(secrets: readonly string[]): string[] {
    // Of a secret URL the host may be shown, with which it begins: what ends there is not taken for one that was cut.
    const urls = new Redactor(secrets.filter((secret) => secret.includes('://')));
    const plain = secrets.filter((secret) => plainWords.test(secret)).flatMap(encodings);
    const others = new Redactor(secrets.filter((secret) => !secret.includes('://') && !plainWords.test(secret)));
    const pieces = secrets.flatMap(piecesOf);
    const leaking = this.#said.filter(
      ({ text }) =>
        isRedacted(text, others) ||
        isRedacted(`${text} |`, urls) ||
        [...plain, ...pieces].some((one) => text.includes(one)),
    );
    return [...new Set(leaking.map(({ where }) => where))];
  }

  stop(): void {
    this.#patches.restore();
  }
}

function printed(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { depth: 8, maxStringLength: null });
}

function errorTexts(error: unknown, depth: number): string[] {
  if (depth === 0 || error === undefined || error === null) return [];
  if (!(error instanceof Error)) return [printed(error)];
  const inner = error instanceof AggregateError ? error.errors : [];
  return [error.message, ...[error.cause, ...inner].flatMap((cause: unknown) => errorTexts(cause, depth - 1))];
}

function isRedacted(text: string, redactor: Redactor): boolean {
  return redactions(redactor.scrub(text)) > redactions(text);
}

function redactions(text: string): number {
  return text.split('[redacted]').length - 1;
}

/** What is masked in part shows the rest. Words may stand anywhere: only what has a digit and a letter looks like nothing else. */
function piecesOf(secret: string): string[] {
  if (secret.includes('://')) return [];
  const words = secret.split(/\s+/).filter((word) => word.length > longestPiece && !word.startsWith('-----'));
  return words
    .flatMap((word) =>
      Array.from({ length: word.length - longestPiece + 1 }, (_, at) => word.slice(at, at + longestPiece)),
    )
    .filter((piece) => /\d/.test(piece) && /[a-z]/i.test(piece));
}

function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [secret, encodeURIComponent(secret), bytes.toString('base64url'), bytes.toString('hex')];
}
