import { type CompiledTrigger, compileTriggers } from '@aftercommit/delivery';
import { TriggerKindRegistry } from '@aftercommit/registry';
import { collections } from '../world/simulated-endpoint.js';
import { simulatedKind } from '../world/simulated-kind.js';

/** A trigger as somebody wrote it. */
export type PlannedTrigger = {
  /** Which trigger it is in the eyes of whoever edits the configuration, however it is changed. */
  id: string;
  /** Undefined: it has none, and gets one that is derived. */
  name: string | undefined;
  target: string;
  /** What the receiver repeats in all it says, and nobody may print. */
  token: string;
  /** Stands in every payload: it tells which trigger of the configuration sent it. */
  marker: string;
  /** Of its template. */
  version: number;
  intervalMs: number | undefined;
  onFailure: 'block' | 'park';
  maxAttempts: number;
  timeoutMs: number;
};

/** All triggers of a configuration, in order. A map is written only if all have names. */
export type Configuration = { readonly triggers: readonly PlannedTrigger[]; readonly isMap: boolean };

/** A configuration as the task runs with it. */
export class RunningConfiguration {
  readonly configuration: Configuration;
  readonly compiled: readonly CompiledTrigger[];
  readonly #byMarker = new Map<string, PlannedTrigger & { name: string }>();
  readonly #byName = new Map<string, PlannedTrigger & { name: string }>();

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    this.compiled = compile(configuration);
    for (const [index, planned] of configuration.triggers.entries()) {
      const named = { ...planned, name: this.compiled[index]?.name ?? '' };
      this.#byMarker.set(planned.marker, named);
      this.#byName.set(named.name, named);
    }
  }

  /** The trigger that writes this marker into its payloads, with the name it runs under. */
  withMarker(marker: string): (PlannedTrigger & { name: string }) | undefined {
    return this.#byMarker.get(marker);
  }

  withName(name: string): (PlannedTrigger & { name: string }) | undefined {
    return this.#byName.get(name);
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }
}

const registry = new TriggerKindRegistry([simulatedKind]);
const known = { collectionNames: [...collections] };

/** What a payload says. */
export type Payload = { marker: string; version: number; run: string; docs: number; bytes: number };

function compile({ triggers, isMap }: Configuration): readonly CompiledTrigger[] {
  const configs = triggers.map((planned) => ({
    kind: 'simulated',
    target: planned.target,
    token: planned.token,
    payloadTemplate:
      `{"marker":"${planned.marker}","version":${planned.version},` +
      '"run":"{{run_id}}","docs":{{docs_total}},"bytes":{{bytes_total}}}',
    maxAttempts: planned.maxAttempts,
    timeout: `${planned.timeoutMs}ms`,
    onFailure: planned.onFailure,
    ...(planned.intervalMs === undefined ? {} : { interval: `${planned.intervalMs}ms` }),
  }));
  if (isMap) {
    const config = Object.fromEntries(configs.map((config, index) => [triggers[index]?.name ?? '', config]));
    return compileTriggers({ config }, registry, known);
  }
  const config = configs.map((config, index) => {
    const name = triggers[index]?.name;
    return name === undefined ? config : { ...config, name };
  });
  return compileTriggers({ config }, registry, known);
}
