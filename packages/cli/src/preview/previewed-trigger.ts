import { type DraftTrigger, type PayloadFault, previewPayload, previewWindow } from '@aftercommit/delivery';
import { isJsonObject, type Window } from '@aftercommit/models';
import type { Store } from '@aftercommit/persistence';
import type { Redactor } from '@aftercommit/registry/redaction';
import type { DraftMaterialization } from '../spec/draft-materialization.js';
import type { FilePlace } from '../spec/spec-issue.js';
import type { WindowSource } from './window-sources.js';

/** The window that payloads of a materialization are made of. */
export type ChosenWindow = { from: WindowSource; window: Window };

/** What a trigger would send, and where. Nothing of it is secret. */
export type PreviewedTrigger = {
  materialization: string;
  trigger: string;
  kind: string;
  target: string;
  /** Null: its kind has none to choose. */
  method: string | null;
  /** Names of the headers that are configured. */
  headers: string[];
  payload: { from: WindowSource; runId: string; text: string | null; faults: LocatedFault[] };
  /** The template, where nothing could be rendered. Null: it could, or the template itself would show a secret. */
  template: string | null;
};

/** A fault of a payload, and where in a file the template has it. Null: in none, or it cannot be told. */
export type LocatedFault = PayloadFault & { inFile: FilePlace | null };

/**
 * The last real window of a materialization, or a placeholder, with the variables that a person gave in place of its own.
 *
 * @param store Undefined: there is no state.
 * @param given Undefined: no variables are given.
 * @param now In milliseconds since 1970.
 */
export async function chooseWindow(
  store: Store | undefined,
  {
    name: materialization,
    connectorImage,
    bindings,
  }: Pick<DraftMaterialization, 'name' | 'connectorImage' | 'bindings'>,
  given: Partial<Window> | undefined,
  now: number,
): Promise<ChosenWindow> {
  const entries = (await store?.read(materialization)) ?? [];
  const { from, window } = previewWindow({ materialization, connectorImage, bindings, entries, now });
  return given === undefined ? { from, window } : { from: 'file', window: { ...window, ...given } };
}

/** @param redactor Of all secrets of the spec. */
export function previewTrigger(
  task: Pick<DraftMaterialization, 'name' | 'placeInTemplate'>,
  trigger: DraftTrigger,
  { from, window }: ChosenWindow,
  redactor: Redactor,
): PreviewedTrigger {
  const { text, faults } = previewPayload(trigger, window, redactor);
  const { kind, target, config, payloadTemplate, name } = trigger;
  const { method, headers } = config;
  const located = faults.map((fault) => ({
    ...fault,
    inFile: task.placeInTemplate(trigger, fault.inTemplate) ?? null,
  }));
  return {
    materialization: task.name,
    trigger: name,
    kind: kind.kind,
    target: redactor.scrub(target),
    method: typeof method === 'string' ? redactor.scrub(method) : null,
    headers: isJsonObject(headers) ? Object.keys(headers) : [],
    payload: { from, runId: window.run_id, text, faults: located },
    template: text === null && scrubbed(payloadTemplate, redactor) === payloadTemplate ? payloadTemplate : null,
  };
}

/** Whole, however long it is. */
function scrubbed(text: string, redactor: Redactor): string {
  return redactor.scrub(text, text.length);
}

/** Whether it would be sent. */
export function isSendable({ payload }: PreviewedTrigger): boolean {
  return payload.faults.length === 0;
}
