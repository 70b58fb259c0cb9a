import {
  isJsonObject,
  type Json,
  type JsonObject,
  jsonPointer,
  secretValues,
  WindowSchema,
  withSecretsAbsent,
} from '@aftercommit/models';
import { proxySecrets } from './egress/proxy-secrets.js';
import type { IssueList } from './issue-list.js';
import { Redactor } from './redactor.js';
import type { Egress, KindIssue, TriggerKind } from './trigger-kind.js';
import { configSecrets, secretsBesideTarget } from './url-secrets.js';

/** What an issue says where its kind says nothing. */
const unsaid: KindIssue = { severity: 'error', pointer: '', message: 'The kind refuses this configuration.' };

/** The trigger whose configuration a kind is asked about, and what it may reach. */
type Interviewed = {
  pointer: string;
  name: string | undefined;
  egress: Egress;
  unknownSecrets: ReadonlySet<string>;
};

/** What a kind says of a configuration. */
export type KindAnswers = {
  target: string;
  /** The same as it is told of the configuration sealed: what a trigger may be named after. */
  sealedTarget: string;
  templateContext: JsonObject;
};

/**
 * Asks a kind about a configuration that matches its schema. A kind is somebody else's code: one that throws is an issue
 * of its trigger and hides no other, and no secret gets out in what it says (I8).
 */
export class KindInterview {
  readonly #kind: TriggerKind;
  readonly #config: JsonObject;
  /** The same, with `undefined` where a secret is that nobody has opened. */
  readonly #known: JsonObject;
  readonly #trigger: Interviewed;
  readonly #issues: IssueList;
  readonly #secrets: readonly string[];

  constructor(kind: TriggerKind, config: JsonObject, trigger: Interviewed, issues: IssueList) {
    this.#kind = kind;
    this.#config = config;
    this.#known = withoutUnknown(config, trigger.pointer, trigger.unknownSecrets);
    this.#trigger = trigger;
    this.#issues = issues;
    this.#secrets = secretValues(kind.configSchema, config);
  }

  run(): KindAnswers {
    const errorsBefore = this.#issues.errorCount;
    for (const { severity, pointer, message } of this.#issuesFound()) {
      // What is not called a warning keeps the configuration from being used.
      const place = pointer === '' || pointer.startsWith('/') ? pointer : `/${pointer}`;
      this.#note(severity === 'warning' ? 'warning' : 'error', place, String(message));
    }
    const templateContext = this.#ask('templateContext', (kind, config) => kind.templateContext?.(config)) ?? {};
    for (const name of Object.keys(templateContext).filter((one) => Object.hasOwn(WindowSchema.properties, one))) {
      this.#note('error', '', `Trigger kind "${this.#kind.kind}" offers templates "${name}", which every window has.`);
    }
    // Of a configuration that it has refused, such as a URL that does not parse, a kind need not know the target.
    if (this.#issues.errorCount > errorsBefore) return { target: '', sealedTarget: '', templateContext };
    const target = this.#target(this.#known);
    // It is told of the configuration sealed, too: what a trigger is named after must be the same then.
    const sealedTarget = target === undefined || this.#secrets.length === 0 ? target : this.#target(this.#sealed());
    return { target: target ?? '', sealedTarget: sealedTarget ?? '', templateContext };
  }

  /** Undefined: the kind failed. */
  #target(config: JsonObject): string | undefined {
    const target = this.#ask('describeTarget', (kind) => kind.describeTarget(config));
    if (target === undefined) return undefined;
    // A host may be called as a path is: of its URL a kind says nothing else.
    return new Redactor(secretsBesideTarget(this.#kind.configSchema, this.#config, target)).scrub(target);
  }

  #sealed(): JsonObject {
    return withSecretsAbsent(this.#kind.configSchema, this.#config) as JsonObject;
  }

  #issuesFound(): KindIssue[] {
    const { egress } = this.#trigger;
    const found: unknown = this.#ask('validate', (kind) => kind.validate?.(this.#known, { egress })) ?? [];
    if (Array.isArray(found)) return found.map((issue: Partial<KindIssue>) => ({ ...unsaid, ...issue }));
    return [
      { ...unsaid, message: `Trigger kind "${this.#kind.kind}" did not answer validate() with a list of issues.` },
    ];
  }

  #ask<Answer>(question: string, ask: (kind: TriggerKind, config: JsonObject) => Answer): Answer | undefined {
    try {
      return ask(this.#kind, this.#config);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#note('error', '', `Trigger kind "${this.#kind.kind}" failed in ${question}(): ${reason}`);
      return undefined;
    }
  }

  #note(severity: 'error' | 'warning', pointer: string, message: string): void {
    const where = `${this.#trigger.pointer}${pointer}`;
    const own = configSecrets(this.#kind.configSchema, this.#config);
    const clean = new Redactor([...own, ...proxySecrets(this.#trigger.egress)]).scrub(message);
    this.#issues.add({ severity, code: 'CONFIG_KIND_REFUSED', pointer: where, message: clean }, this.#trigger.name);
  }
}

/** The names are left: that they are there is known. */
function withoutUnknown(value: JsonObject, pointer: string, unknown: ReadonlySet<string>): JsonObject {
  if (unknown.size === 0) return value;
  const known = Object.entries(value).map(([name, inner]): [string, Json | undefined] => {
    const place = `${pointer}${jsonPointer([name])}`;
    if (unknown.has(place)) return [name, undefined];
    return [name, isJsonObject(inner) ? withoutUnknown(inner, place, unknown) : inner];
  });
  return Object.fromEntries(known) as JsonObject;
}
